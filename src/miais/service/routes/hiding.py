"""Hiding and restoring: what makes pictures."""

import math
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, Response
from torch import Tensor

from miais.image import encode_png, resize
from miais.service.answers import Box, CoverAnswer, HideAnswer, StegExpose
from miais.service.covers import own_covers
from miais.service.gate import GatedRoute, needs
from miais.service.house import House
from miais.service.pictures import base64_png, change_between, examine, read_upload
from miais.service.problems import Problem, problems
from miais.service.routes.requested import AtGate, InHouse, key, prefers_json
from miais.service.works import Measured

router = APIRouter(route_class=GatedRoute, dependencies=[key], tags=["pictures"])
_THUMBNAIL = 240
_PNG: dict[str, Any] = {"image/png": {"schema": {"type": "string", "format": "binary"}}}
_NUMBER = {"schema": {"type": "string"}}


@router.get("/covers", openapi_extra=needs("any", audited=False), responses=problems(401, 422, 429, 503, 504))
async def covers(house: InHouse) -> list[CoverAnswer]:
    """List our own covers, photographs that scikit-image brings along, for whoever has none at hand."""
    return await house.write(_own_covers)


@router.post(
    "/hide",
    openapi_extra=needs("hide"),
    response_class=Response,
    responses={
        200: {
            "model": HideAnswer,
            "description": "The container: a PNG, or with `Accept: application/json` numbers and the PNG in base64.",
            "content": _PNG,
            "headers": {
                "Miais-PSNR-dB": {"description": "Of the container against its cover.", **_NUMBER},
                "Miais-MS-SSIM": {"description": "Of the container against its cover.", **_NUMBER},
                "Miais-StegExpose": {"description": "StegExpose's score.", **_NUMBER},
                "Miais-Face": {"description": "Left, top, width, height of the face in the secret.", **_NUMBER},
            },
        },
        **problems(400, 401, 403, 413, 422, 429, 503, 504),
    },
)
async def hide(
    request: Request,
    house: InHouse,
    gate: AtGate,
    secret: Annotated[bytes, File(description="The face to hide: PNG, JPEG, WebP, BMP or TIFF.")],
    cover: Annotated[bytes | None, File(description="The picture that will carry it, of any size.")] = None,
    cover_name: Annotated[str | None, Form(description="Instead of a cover, one of GET /covers.")] = None,
    crop_face: Annotated[bool, Form(description="Find the largest face in the secret and hide only that.")] = False,
) -> Response:
    """Hide a face in an ordinary picture. The secret is neither kept nor logged, and never written to a disk."""
    secret_picture = await house.read(partial(read_upload, secret, "secret", gate.bounds.pixels))
    cover_image, cover_notes = await _chosen_cover(house, cover, cover_name, gate.bounds.pixels)
    image, face = secret_picture.image, None
    if crop_face:
        image, face = await house.find_face(image)
    side = house.system.card.image_size
    small = await house.read(partial(resize, image, (side, side)))
    measured = await house.hide(small.clamp(0, 1), cover_image)
    if prefers_json(request):
        notes = [
            *(f"secret: {note}" for note in secret_picture.notes),
            *(f"cover: {note}" for note in cover_notes),
        ]
        answer = await house.write(partial(_in_full, measured, cover_image, face, notes))
        return Response(answer.model_dump_json(), media_type="application/json")
    png, opinion = await house.write(lambda: (encode_png(measured.container), examine(measured.container)))
    return Response(png, media_type="image/png", headers=_in_brief(measured, opinion, face))


@router.post(
    "/restore",
    openapi_extra=needs("restore"),
    response_class=Response,
    responses={
        200: {"description": "The face, as far as it can be restored.", "content": _PNG},
        **problems(400, 401, 403, 413, 422, 429, 503, 504),
    },
)
async def restore(
    house: InHouse,
    gate: AtGate,
    container: Annotated[bytes, File(description="A PNG made by /hide of the same system.")],
) -> Response:
    """Restore the hidden face. Off unless the service was started with `--allow-restore`."""
    picture = await house.read(partial(read_upload, container, "container", gate.bounds.pixels))
    restored = await house.restore(picture.image)
    return Response(await house.write(partial(encode_png, restored)), media_type="image/png")


async def _chosen_cover(
    house: House, cover: bytes | None, name: str | None, max_pixels: int
) -> tuple[Tensor, tuple[str, ...]]:
    if (cover is None) == (name is None):
        raise Problem(422, "expected either a cover or a cover_name, got both or neither; send one of them")
    if cover is not None:
        picture = await house.read(partial(read_upload, cover, "cover", max_pixels))
        return picture.image, picture.notes
    known = await house.read(own_covers)
    if name not in known:
        raise Problem(404, f"cover_name: expected one of {', '.join(known) or 'none (scikit-image is missing)'}")
    return known[name].image, ()


def _in_full(measured: Measured, cover: Tensor, face: Box | None, notes: list[str]) -> HideAnswer:
    container = measured.container
    return HideAnswer(
        container=base64_png(container),
        change=base64_png(change_between(container, cover)),
        width=container.shape[-1],
        height=container.shape[-2],
        psnr_db=measured.psnr_db if math.isfinite(measured.psnr_db) else None,
        ms_ssim=measured.ms_ssim,
        stegexpose=examine(container),
        face=face,
        notes=notes,
    )


def _in_brief(measured: Measured, opinion: StegExpose, face: Box | None) -> dict[str, str]:
    numbers = {
        "Miais-PSNR-dB": measured.psnr_db,
        "Miais-MS-SSIM": measured.ms_ssim,
        "Miais-StegExpose": opinion.score,
    }
    headers = {name: f"{number:.6g}" for name, number in numbers.items() if number is not None}
    if face is not None:
        headers["Miais-Face"] = f"{face.left},{face.top},{face.width},{face.height}"
    return headers


def _own_covers() -> list[CoverAnswer]:
    answers = []
    for cover in own_covers().values():
        height, width = cover.image.shape[-2:]
        small = resize(cover.image, (round(_THUMBNAIL * height / width), _THUMBNAIL)).clamp(0, 1)
        answers.append(
            CoverAnswer(name=cover.name, what=cover.what, width=width, height=height, thumbnail=base64_png(small))
        )
    return answers
