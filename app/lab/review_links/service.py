"""Links by which people without an account read one thing, for a while; nobody commits here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.errors import Invalid, NotFound
from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import Publication, Result, ReviewLink, Sample
from app.infra.ids import new_id, prefix_of
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.lineage.schemas import LineageOut
from app.lab.lineage.service import LineageService
from app.lab.provenance.service import ProvenanceService
from app.lab.reports.service import ReportService
from app.lab.results.service import ResultService
from app.lab.review_links import signing
from app.lab.review_links.repository import ReviewLinkRepository
from app.lab.review_links.schemas import LinkState, NewReviewLink, Reviewed
from app.lab.samples.service import SampleService
from lithoscope.rules.report import Report

KINDS: dict[str, Reviewed] = {"res": "result", "smp": "sample", "pub": "publication"}
MOST_RESULTS = 200


@dataclass(frozen=True, slots=True)
class Review:
    """
    What somebody reads by a link.

    Parameters
    ----------
    link : ReviewLink
        The link, which works at this moment.
    actor : Actor
        Who reads, for the rooms: one that sees the link's project only. What of it the reader gets is decided here.
    """

    link: ReviewLink
    actor: Actor

    @property
    def kind(self) -> Reviewed:
        """Return what kind of thing the link leads to."""
        return kind_of(self.link)


class ReviewLinkService:
    """Makes links for reviewers, ends them, and says what a reviewer may read."""

    def __init__(
        self,
        links: ReviewLinkRepository,
        *,
        samples: SampleService,
        results: ResultService,
        reports: ReportService,
        lineage: LineageService,
        provenance: ProvenanceService,
        audit: AuditLog,
    ) -> None:
        self._links = links
        self._samples = samples
        self._results = results
        self._reports = reports
        self._lineage = lineage
        self._provenance = provenance
        self._audit = audit

    def make(self, actor: Actor, new: NewReviewLink) -> tuple[ReviewLink, str]:
        """Make a link; its text is returned this once, and only its digest is kept."""
        project_id = self._target(actor, new.target_id).project_id
        require(actor, Action.RUN, project_id)
        link_id, made_at = new_id("rvl"), now()
        text = signing.make(link_id, self._links.make_key())
        link = ReviewLink(
            id=link_id,
            target_id=new.target_id,
            project_id=project_id,
            token_digest=tokens.digest(text),
            purpose=new.purpose,
            created_by=actor.id,
            created_at=made_at,
            expires_at=made_at + timedelta(days=new.days),
            looks=0,
        )
        self._links.add(link)
        said = {"target_id": link.target_id, "purpose": link.purpose, "expires_at": link.expires_at.isoformat()}
        self._audit.record(actor, "review.make", link.id, project_id=project_id, **said)
        return link, text

    def get(self, actor: Actor, link_id: str, need: Action = Action.READ) -> ReviewLink:
        """Return a link of a project the actor may act in."""
        link = self._links.get(link_id)
        if link is None:
            raise NotFound
        require(actor, need, link.project_id)
        return link

    def page(
        self,
        actor: Actor,
        *,
        project_id: str | None = None,
        target_id: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[tuple[ReviewLink, str | None]]:
        """Return the links the actor may see with the names of who made them, newest first."""
        return self._links.page(readable_projects(actor, project_id), target_id, before, limit)

    def named(self, actor: Actor, target_id: str) -> tuple[str, str]:
        """Return what a thing is called that a link could lead to, and its project."""
        target = self._target(actor, target_id)
        return self._name(target), target.project_id

    def revoke(self, actor: Actor, link_id: str) -> None:
        """End a link at once; ending it twice changes nothing."""
        link = self.get(actor, link_id, need=Action.RUN)
        if link.revoked_at is None:
            self._links.revoke(link, actor.id, now())
            self._audit.record(actor, "review.revoke", link.id, project_id=link.project_id)

    def open(self, text: str) -> Review:
        """Return what a link leads to; forged, revoked and expired ones, and those to what is gone, find nothing."""
        key = self._links.key()
        link_id = signing.link_of(text, key) if key else None
        link = self._links.get(link_id) if link_id else None
        if link is None or not tokens.matches(text, link.token_digest) or state_of(link) != "active":
            raise NotFound
        review = Review(link, _reader(link))
        self._target(review.actor, link.target_id)
        return review

    def note_look(self, review: Review, what: str) -> None:
        """Write a look into the audit log; who looked is not asked, since reviewers are often anonymous."""
        link = review.link
        self._links.count_look(link.id, now())
        said = {"target_id": link.target_id, "what": what}
        self._audit.record(review.actor, "review.look", link.id, project_id=link.project_id, **said)

    def title(self, review: Review) -> str:
        """Name what a link leads to."""
        return self._name(self._target(review.actor, review.link.target_id))

    def sample(self, review: Review) -> Sample:
        """Return the sample a link leads to."""
        if review.kind != "sample":
            raise NotFound
        return self._samples.get(review.actor, review.link.target_id)

    def publication(self, review: Review) -> Publication:
        """Return the publication a link leads to."""
        if review.kind != "publication":
            raise NotFound
        return self._reports.get(review.actor, review.link.target_id)

    def report(self, review: Review) -> Report:
        """Return the report of the sample or publication a link leads to."""
        if review.kind == "sample":
            return self._reports.of(review.actor, review.link.target_id)
        return self._reports.published(review.actor, self.publication(review).id)

    def results(self, review: Review) -> list[Result]:
        """Return the results a reviewer may read, newest first."""
        if review.kind == "sample":
            return self._results.page(review.actor, sample_id=review.link.target_id, limit=MOST_RESULTS)
        target_id = review.link.target_id if review.kind == "result" else self.publication(review).target_id
        return [self._results.get(review.actor, target_id)] if prefix_of(target_id) == "res" else []

    def result(self, review: Review, result_id: str) -> Result:
        """Return one of the results a reviewer may read."""
        result = self._results.get(review.actor, result_id)
        of_sample = review.kind == "sample" and result.sample_id == review.link.target_id
        if not of_sample and result.id not in {review.link.target_id, self._published_target(review)}:
            raise NotFound
        return result

    def check_chooser(self, review: Review, reference: str | None) -> None:
        """Refuse labels or depths of what the link does not lead to, as if there were none."""
        if reference is None:
            return
        try:
            self.result(review, reference.partition("/")[0])
        except NotFound:
            raise Invalid.field("/query/by", "There is no such array: write it as RESULT/NAME.") from None

    def lineage(self, review: Review, result: Result) -> LineageOut:
        """Return the names of what a result came from."""
        return self._lineage.walk(review.actor, result.id, "upstream")

    def history(self, review: Review, result: Result) -> dict[str, Any]:
        """Return the data a result was made from and the beams that gave them; nothing of what else befell a sample."""
        found = self._provenance.history(review.actor, result.id)
        return {name: found[name] for name in ("datasets", "exposures")}

    def _name(self, target: Sample | Result | Publication) -> str:
        if isinstance(target, Sample):
            return target.name
        if isinstance(target, Publication):
            return str(target.report.get("title") or target.id)
        return str(target.run_record.get("method") or target.id)

    def _published_target(self, review: Review) -> str | None:
        return self.publication(review).target_id if review.kind == "publication" else None

    def _target(self, actor: Actor, target_id: str) -> Sample | Result | Publication:
        find: dict[str | None, Callable[[Actor, str], Sample | Result | Publication]] = {
            "res": self._results.get,
            "smp": self._samples.get,
            "pub": self._reports.get,
        }
        kind = prefix_of(target_id)
        if kind not in find:
            raise NotFound
        return find[kind](actor, target_id)


def kind_of(link: ReviewLink) -> Reviewed:
    """Return what kind of thing a link leads to."""
    return KINDS[link.target_id.partition("_")[0]]


def state_of(link: ReviewLink) -> LinkState:
    """Say whether a link works."""
    if link.revoked_at is not None:
        return "revoked"
    return "expired" if link.expires_at <= now() else "active"


def _reader(link: ReviewLink) -> Actor:
    return Actor(
        id=link.id,
        kind="person",
        label="a reviewer",
        roles={link.project_id: "viewer"},
        scopes=frozenset({Action.READ.value}),
        project_ids=frozenset({link.project_id}),
        credential_id=link.id,
    )
