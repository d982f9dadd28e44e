"""How the stretches of a tenant that several archives hold lie to each other: in order, apart, or over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from audit_tui.core.archive.manifest import ArchivedTenant
from audit_tui.core.excerpt import Excerpt


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one archive holds of one tenant. `digest` is the SHA-256 of the archive's manifest as it lies
    there, `number` tells which of the archives given it is, `encoding` is Python's name of the database's.
    """

    number: int
    archive: str
    digest: str
    tenant: ArchivedTenant
    encoding: str = "utf-8"

    @property
    def span(self) -> tuple[int, int]:
        return self.tenant.first_sequence, self.tenant.last_sequence


def arrange(stretches: Iterable[Stretch]) -> tuple[tuple[Stretch, ...], ...]:
    """Chains of stretches that follow one another without overlapping; the first chain takes what it can.

    More than one chain means that archives overlap: each is then walked by itself.
    """
    chains: list[list[Stretch]] = []
    for stretch in sorted(stretches, key=lambda each: (each.span, each.archive)):
        for chain in chains:
            if chain[-1].span[1] < stretch.span[0]:
                chain.append(stretch)
                break
        else:
            chains.append([stretch])
    return tuple(map(tuple, chains))


def absent_between(chain: Sequence[Stretch]) -> tuple[tuple[int, int], ...]:
    """(first, last) of what lies between the stretches of a chain and in none of them."""
    edges = ((low.span[1] + 1, high.span[0] - 1) for low, high in pairwise(chain))
    return tuple((first, last) for first, last in edges if first <= last)


def excerpt_of(chain: Sequence[Stretch]) -> Excerpt:
    """The chain's stretches as a walk has to know them."""
    first = chain[0].tenant
    spans = tuple(stretch.span for stretch in chain)
    return Excerpt(first.first_sequence, first.first_previous_hash, absent_between(chain), spans)


def known_hashes(stretches: Iterable[Stretch]) -> dict[int, dict[str, str]]:
    """Sequence -> source -> hash that the manifests name: where each stretch ends, and what it follows."""
    known: dict[int, dict[str, str]] = {}
    for stretch in stretches:
        tenant, source = stretch.tenant, f"archive {stretch.archive}"
        known.setdefault(tenant.last_sequence, {})[source] = tenant.last_hash
        if tenant.first_previous_hash is not None:
            known.setdefault(tenant.first_sequence - 1, {})[source] = tenant.first_previous_hash
    return known


def reaches(spans: Iterable[tuple[int, int]], start: int, goal: int) -> bool:
    """Whether the spans hold every sequence from `start` up to, but not, `goal`."""
    at = start
    for first, last in sorted(spans):
        if first <= at <= last:
            at = last + 1
    return at >= goal


def differing(known: Mapping[str, str], source: str, event_hash: str | None) -> tuple[str, str] | None:
    """The first (source, hash) among the known ones that names another hash than this source shows."""
    return next(
        ((other, said) for other, said in known.items() if other != source and said != event_hash), None
    )
