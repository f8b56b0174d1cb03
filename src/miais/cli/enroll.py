"""`miais enroll`: remember whom containers hide, by their embeddings."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.gallery_option import GalleryPlace, opened_gallery
from miais.cli.options import RECOGNISER, AsJson, CropFace, FaceDetector, KeyFile, Model

EXAMPLES = """\b
Examples:
  miais enroll Ann monday.png tuesday.png --gallery people
  miais enroll --people containers/ --gallery people --no-thumbnails --json
  miais enroll Ann holiday.jpg --cover lake.jpg --crop-face --gallery people
"""


def enroll(
    gallery: GalleryPlace,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="What to call the person.")] = None,
    images: Annotated[
        list[Path] | None, typer.Argument(metavar="IMAGE", help="Containers that hide the person.")
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Enrol many: in FOLDER is a folder for each person, called as they are."),
    ] = None,
    cover: Annotated[
        Path | None,
        typer.Option(
            metavar="COVER", help="The pictures are photographs of faces: hide each in this first, and enrol that."
        ),
    ] = None,
    model: Model = RECOGNISER,
    key_file: KeyFile = None,
    crop_face: CropFace = False,
    face_detector: FaceDetector = None,
    thumbnails: Annotated[
        bool, typer.Option("--thumbnails/--no-thumbnails", help="Keep a small picture of each container.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Enrol a person by containers; somebody known gets them added.

    Kept are the embedding and a small picture of the container: no face, and none is restored. Pictures in which
    nothing is hidden are refused. A photograph of a face is hidden in a cover first with --cover, and only what is
    made of that container is kept; --crop-face takes the largest face of the photograph.

    A container that its person has already is not added again. A file that cannot be read, or a folder without a
    picture, gets an error line, the others are enrolled, and the exit code is 1.
    """
    from miais.cli.enroll_usage import check_enroll_usage

    check_enroll_usage(name, images or [], people, cover=cover, crop_face=crop_face)
    from miais.cli.enroll_run import container_reader, enrol_all, enrolled_as
    from miais.cli.face_option import finder_of
    from miais.cli.load_system import load_system
    from miais.identification import maker_of

    wanted = enrolled_as(people) if people is not None else [(str(name), path) for path in images or []]
    system = load_system(model, key_file)
    read = container_reader(system, cover, finder_of(crop_face, face_detector))
    with opened_gallery(gallery, maker_of(system), create=True) as opened:
        failed = enrol_all(system, opened, wanted, read, thumbnails=thumbnails, as_json=as_json)
    if failed:
        what = "files" if people is None else "files or folders"
        typer.echo(f"{failed} of {len(wanted)} {what} could not be enrolled.", err=True)
        raise typer.Exit(1)
