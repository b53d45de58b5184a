"""A copy of a store in a folder, and back: a file for each block, and a manifest, which is written last."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import zstandard

from sightline_core.errors import BackendError, CallerError, ConfigurationError
from sightline_migrations import migration_files
from sightline_storage.durable import sync
from sightline_storage.engines.engine import Engine
from sightline_storage.lifecycle.transfer import (
    TIMES,
    Block,
    Columns,
    blocks_of,
    columns_of,
    mark_blocks,
    minutes_of,
    minutes_written,
    pending_minutes,
    pieces_of,
    read_rows,
    store_time,
)

_FORMAT: Final = 2
_MANIFEST: Final = "manifest.json"
_CHECKSUM: Final = "checksum"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: blocks, minutes that are summed anew, and other files with their SHA-256."""

    schema: int
    columns: Columns
    blocks: list[Block]
    late: list[Block]
    others: dict[str, str] = field(default_factory=dict)
    format: int = _FORMAT


def back_up(engine: Engine, folder: Path, add: Callable[[Path], None]) -> int:
    """Write everything into a new folder and return how many rows that were; ingest may go on.

    It survives a power loss from then on, and only who made it can read it.
    `add` may put more into the folder before it is complete. Raises `CallerError` when the folder is there. A
    backup that fails leaves none.
    """
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise CallerError(f"the folder {folder} exists already; a backup never overwrites") from error
    except OSError as error:
        raise CallerError(f"{folder} cannot be made: {error.strerror}") from error
    try:
        return _fill(folder, engine, add)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise BackendError(f"{folder} cannot be written: {error.strerror}") from error
        raise


def _fill(folder: Path, engine: Engine, add: Callable[[Path], None]) -> int:
    packer = zstandard.ZstdCompressor(level=3, write_checksum=True)
    columns = columns_of(engine)
    since_s, pending = store_time(engine), pending_minutes(engine)
    blocks: list[Block] = []
    # The marks last: retention may close a day meanwhile, and leave spans of it that are read in part only.
    for table in (*[table for table in TIMES if table != "rollup_marks"], "rollup_marks"):
        for block in pieces_of(engine, blocks_of(engine, table)):
            _file_of(folder, len(blocks)).write_bytes(packer.compress(read_rows(engine, block, columns)))
            blocks.append(block)
    late = [*pending, *minutes_written(engine, since_s)]
    written = set(folder.iterdir())
    add(folder)
    others = {file.name: _sha256(file) for file in folder.iterdir() if file not in written}
    manifest = Manifest(migration_files()[-1].version, columns, blocks, late, others)
    for written_before in (*folder.iterdir(), folder):
        sync(written_before)
    said = asdict(manifest)
    # Written last: a folder without it is not a backup.
    (folder / _MANIFEST).write_text(json.dumps(said | {_CHECKSUM: _checksum(said)}), encoding="utf-8")
    for written_last in (folder / _MANIFEST, folder, folder.parent):
        sync(written_last)
    return sum(block.rows for block in blocks)


def read_manifest(folder: Path) -> Manifest:
    """Return what a backup holds.

    Raises `ConfigurationError` when the folder holds no complete backup, or one of a newer version, or when
    what lists its contents is damaged, or a file is missing or damaged that was added to it.
    """
    try:
        said: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        # Before the rest, which may be written in another way then.
        if said["format"] > _FORMAT or said["schema"] > migration_files()[-1].version:
            raise ConfigurationError(f"the backup in {folder} was made by a newer Sightline")
        # Older versions wrote none.
        if (checksum := said.pop(_CHECKSUM, None)) is not None and checksum != _checksum(said):
            raise ConfigurationError(f"{folder / _MANIFEST} is damaged: it is not what was backed up")
        blocks, late = ([Block(**block) for block in said[name]] for name in ("blocks", "late"))
        manifest = Manifest(**{**said, "blocks": blocks, "late": late})
        # Whoever wrote it may name what else the engine inserts into, such as files.
        if not {block.table for block in blocks} <= TIMES.keys() & manifest.columns.keys():
            raise ValueError("it names what is no table of a backup")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{folder} holds no complete backup") from error
    for name, digest in manifest.others.items():
        file = folder / Path(name).name
        try:
            is_whole = _sha256(file) == digest
        except OSError as error:
            raise ConfigurationError(f"{file} is missing: {error.strerror}") from error
        if not is_whole:
            raise ConfigurationError(f"{file} is damaged: it is not what was backed up")
    return manifest


def restore(engine: Engine, folder: Path) -> int:
    """Put a backup back and return how many rows it held; what is stored stays, and the newer version wins.

    Raises as `read_manifest` does, and `ConfigurationError` when a block is damaged, before which others were
    put back already.
    """
    manifest = read_manifest(folder)
    put_back: list[Block] = []
    try:
        for number, block in enumerate(manifest.blocks):
            _put_back(engine, manifest.columns[block.table], block, _file_of(folder, number))
            put_back.append(block)
    finally:
        # What was put back is summed, also where a file is damaged and the rest will never come.
        mark_blocks(engine, [*manifest.late, *minutes_of(engine, put_back)])
    return sum(block.rows for block in manifest.blocks)


def _put_back(engine: Engine, columns: list[str], block: Block, file: Path) -> None:
    try:
        data = zstandard.ZstdDecompressor().decompress(file.read_bytes())
    except (OSError, zstandard.ZstdError) as error:
        raise ConfigurationError(f"{file} is damaged or missing: {error}") from error
    engine.insert(block.table, columns, [data], token=f"restore-{uuid.uuid4().hex}")


def _file_of(folder: Path, number: int) -> Path:
    return folder / f"{number:08}.native.zst"


def _checksum(said: dict[str, Any]) -> str:
    """Return the SHA-256 of what a manifest says, in hex, however its text is laid out."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
