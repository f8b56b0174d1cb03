"""How labelled image folders are laid out: which file shows whom."""

from miais.data.image_files import ImageFiles

_ANNOTATIONS = "val/val_annotations.txt"


def labelled_files(files: ImageFiles, split: str | None = None) -> dict[str, str]:
    """Find the label of every image.

    Known layouts: `label/image` (such as LFW), `train/label/image` and `val/label/image`, and Tiny-ImageNet's own,
    `train/label/images/image` and `val/images/image` with `val/val_annotations.txt`.

    Args:
        files: The images; names of at least two parts.
        split: `train` or `val` where the data have these parts, None where they have not.

    Returns:
        Label of each image by name, in sorted order of the names.

    Raises:
        ValueError: If the layout is none of these, `split` does not fit it, or a label has no image.
    """
    parts = sorted({name.split("/")[0] for name in files.names} & {"train", "val"})
    if not parts:
        if split is not None:
            raise ValueError(f"{files.path}: asked for split {split!r}, but there is no folder {split}/ in it")
        return _by_folder(files, files.names, 0)
    if split not in parts:
        raise ValueError(f"{files.path}: has the parts {' and '.join(parts)}, got split {split!r}; choose one of them")
    names = tuple(name for name in files.names if name.startswith(f"{split}/"))
    if split == "val" and all(name.startswith("val/images/") for name in names):
        return _by_annotation(files, names)
    return _by_folder(files, names, 1)


def _by_folder(files: ImageFiles, names: tuple[str, ...], level: int) -> dict[str, str]:
    """Take part `level` of a name as its label; Tiny-ImageNet puts a folder `images` below it."""
    labels = {}
    for name in names:
        parts = name.split("/")
        below = parts[level + 1 :]
        if len(below) != 1 and not (len(below) == 2 and below[0] == "images"):
            raise ValueError(f"{files.path}: expected label/image, got {name}; put each person's images in one folder")
        labels[name] = parts[level]
    start = "/".join(names[0].split("/")[:level])
    empty = [folder for folder in files.empty_folders if folder.count("/") == level and folder.startswith(start)]
    if empty:
        listed = ", ".join(empty[:10]) + (", ..." if len(empty) > 10 else "")
        raise ValueError(f"{files.path}: {len(empty)} empty classes, folders without an image: {listed}; remove them")
    return labels


def _by_annotation(files: ImageFiles, names: tuple[str, ...]) -> dict[str, str]:
    rows = (line.split("\t") for line in files.read(_ANNOTATIONS).decode().splitlines())
    label_of = {row[0]: row[1] for row in rows if len(row) > 1}
    missing = [name for name in names if name.removeprefix("val/images/") not in label_of]
    if missing:
        raise ValueError(f"{files.path}: {_ANNOTATIONS} has no line for {missing[0]} and {len(missing) - 1} others")
    return {name: label_of[name.removeprefix("val/images/")] for name in names}
