"""A protocol with its data: a few people and covers of random pictures."""

import csv
from collections.abc import Callable
from pathlib import Path

PEOPLE, IMAGES = 6, 3
COVERS, SECRETS = "covers", "faces"


def write_people_world(folder: Path, picture: Callable[..., Path]) -> tuple[Path, Path]:
    """Write `protocol/`, and a data root with six people each for training, validation and test, in two folds.

    Args:
        folder: Where `picture` writes too.
        picture: The fixture that writes a random picture.

    Returns:
        The protocol's folder and the data root.
    """
    protocol = folder / "protocol"
    protocol.mkdir()

    def write(name, columns, rows):
        with (protocol / name).open("w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])

    def image(split, person, number):
        return f"{split}{person}/{split}{person}_{number:04d}.png"

    for split in ("train", "val", "test"):
        for person in range(PEOPLE):
            for number in range(IMAGES):
                picture(f"data/{SECRETS}/{image(split, person, number)}", 40, 40, seed=10 * person + number)
    for split in ("val", "test"):
        pairs = []
        for person in range(PEOPLE):
            fold, other = person // 3, (person + 1) % 3 + 3 * (person // 3)
            pairs.append((fold, image(split, person, 0), image(split, person, 1), 1))
            pairs.append((fold, image(split, person, 0), image(split, other, 2), 0))
        write(f"lfw160-pairs-{split}.csv", ("fold", "image_a", "image_b", "same"), pairs)
    people = [(f"{split}{person}", split, IMAGES) for split in ("train", "val", "test") for person in range(PEOPLE)]
    write("lfw160-split.csv", ("identity", "split", "images"), people)
    roles = [(role, f"test{person}", image("test", person, n)) for n, role in ((0, "gallery"), (2, "probe"))
             for person in range(PEOPLE)]  # fmt: skip
    write("lfw160-identification-test.csv", ("role", "identity", "image"), roles)
    covers = [(COVERS, f"c{number:02d}.png", "test" if number < 4 else "train") for number in range(26)]
    write("covers-split.csv", ("set", "cover", "split"), covers)
    for number in range(26):
        picture(f"data/{COVERS}/c{number:02d}.png", 50, 60, seed=100 + number)
    return protocol, folder / "data"
