"""One table a file."""

from app.infra.db import guards
from app.infra.db.models.access_key import AccessKey
from app.infra.db.models.alarm import Alarm
from app.infra.db.models.alarm_delivery import AlarmDelivery
from app.infra.db.models.audit_entry import AuditEntry
from app.infra.db.models.beam_calibration import BeamCalibration
from app.infra.db.models.beam_record import BeamRecord
from app.infra.db.models.blob import Blob
from app.infra.db.models.counter import Counter
from app.infra.db.models.crate_import import CrateImport
from app.infra.db.models.custody_event import CustodyEvent
from app.infra.db.models.dataset import Dataset
from app.infra.db.models.dose_limit import DoseLimit
from app.infra.db.models.evaluation import Evaluation
from app.infra.db.models.exposure import Exposure
from app.infra.db.models.gas_calibration import GasCalibration
from app.infra.db.models.growing_series import GrowingSeries
from app.infra.db.models.idempotency import IdempotencyRecord
from app.infra.db.models.imported_object import ImportedObject
from app.infra.db.models.instrument import Instrument
from app.infra.db.models.job import Job
from app.infra.db.models.job_event import JobEvent
from app.infra.db.models.label_phase import LabelPhase
from app.infra.db.models.lineage_edge import LineageEdge
from app.infra.db.models.login import Login
from app.infra.db.models.membership import Membership
from app.infra.db.models.note import Note
from app.infra.db.models.one_time_code import OneTimeCode
from app.infra.db.models.outbox import OutboxMessage
from app.infra.db.models.placed_file import PlacedFile
from app.infra.db.models.processing_rule import ProcessingRule
from app.infra.db.models.project import Project
from app.infra.db.models.protocol import Protocol
from app.infra.db.models.publication import Publication
from app.infra.db.models.queue_pause import QueuePause
from app.infra.db.models.recipe_run import RecipeRun
from app.infra.db.models.recipe_step import RecipeStep
from app.infra.db.models.region import Region
from app.infra.db.models.result import Result
from app.infra.db.models.retention_rule import RetentionRule
from app.infra.db.models.review_link import ReviewLink
from app.infra.db.models.rule_candidate import RuleCandidate
from app.infra.db.models.rule_firing import RuleFiring
from app.infra.db.models.rule_version import RuleVersion
from app.infra.db.models.sample import Sample
from app.infra.db.models.sample_clock import SampleClock
from app.infra.db.models.secret import Secret
from app.infra.db.models.series_assembly import SeriesAssembly
from app.infra.db.models.series_candidate import SeriesCandidate
from app.infra.db.models.series_part import SeriesPart
from app.infra.db.models.shown_element import ShownElement
from app.infra.db.models.space_measure import SpaceMeasure
from app.infra.db.models.tag import Tag
from app.infra.db.models.titration_series import TitrationSeries
from app.infra.db.models.tombstone import Tombstone
from app.infra.db.models.upload import Upload
from app.infra.db.models.user import User
from app.infra.db.models.webhook import Webhook
from app.infra.db.models.worker import Worker

__all__ = [
    "AccessKey",
    "Alarm",
    "AlarmDelivery",
    "AuditEntry",
    "BeamCalibration",
    "BeamRecord",
    "Blob",
    "Counter",
    "CrateImport",
    "CustodyEvent",
    "Dataset",
    "DoseLimit",
    "Evaluation",
    "Exposure",
    "GasCalibration",
    "GrowingSeries",
    "IdempotencyRecord",
    "ImportedObject",
    "Instrument",
    "Job",
    "JobEvent",
    "LabelPhase",
    "LineageEdge",
    "Login",
    "Membership",
    "Note",
    "OneTimeCode",
    "OutboxMessage",
    "PlacedFile",
    "ProcessingRule",
    "Project",
    "Protocol",
    "Publication",
    "QueuePause",
    "RecipeRun",
    "RecipeStep",
    "Region",
    "Result",
    "RetentionRule",
    "ReviewLink",
    "RuleCandidate",
    "RuleFiring",
    "RuleVersion",
    "Sample",
    "SampleClock",
    "Secret",
    "SeriesAssembly",
    "SeriesCandidate",
    "SeriesPart",
    "ShownElement",
    "SpaceMeasure",
    "Tag",
    "TitrationSeries",
    "Tombstone",
    "Upload",
    "User",
    "Webhook",
    "Worker",
]

guards.install()  # whoever makes the tables makes the triggers that guard them
