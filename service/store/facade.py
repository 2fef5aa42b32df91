"""The store: a facade with every repository."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from labels.schema import Capture as CaptureShape
from labels.schema import Listing as ListingShape
from service.store.accounts.identities import IdentityRepository
from service.store.accounts.kept_forms import KeptFormRepository
from service.store.accounts.logins import LoginRepository
from service.store.accounts.password_links import PasswordLinkRepository
from service.store.accounts.provider_logins import ProviderLoginRepository
from service.store.accounts.second_factor import SecondFactorRepository
from service.store.accounts.sessions import SessionRepository
from service.store.accounts.users import UserRepository
from service.store.alerts.corrections import AlertCorrectionRepository
from service.store.alerts.patterns import AlertPatternRepository
from service.store.alerts.pictures import AlertPictureRepository
from service.store.alerts.repository import AlertRepository
from service.store.appeals.repository import AppealRepository
from service.store.audit.trail import AuditRepository
from service.store.batches.chunks import BatchChunkRepository
from service.store.batches.repository import BatchRepository
from service.store.campaigns.bulks import BulkRepository
from service.store.campaigns.placements import PlacementRepository
from service.store.campaigns.repository import CampaignRepository
from service.store.cases.assignments import AssignmentRepository
from service.store.cases.decisions import DecisionRepository
from service.store.cases.holds import HoldRepository
from service.store.cases.past_cases import PastCaseRepository
from service.store.cases.repository import ReviewRepository
from service.store.cases.views import ViewRepository
from service.store.complaints.answer_templates import AnswerTemplateRepository
from service.store.complaints.exports import ComplaintExportRepository
from service.store.complaints.handling import HandlingRepository
from service.store.complaints.messages import MessageRepository
from service.store.complaints.photos import PhotoRepository
from service.store.complaints.repository import ComplaintRepository
from service.store.database.engine import BUSY_TIMEOUT_SECONDS, Database, make_folder
from service.store.duties.clocks import DutyRepository
from service.store.duties.requests import SellerDataRepository
from service.store.figures.decision_figures import FigureRepository
from service.store.figures.relisting_figures import RelistingFigures
from service.store.index.finding import FindRepository
from service.store.index.look_up import LookUpRepository
from service.store.index.search import SearchRepository
from service.store.listings.assessments import AssessmentRepository
from service.store.listings.captures import CaptureRepository
from service.store.listings.contacts import ContactRepository
from service.store.listings.recrawl import RecrawlRepository
from service.store.listings.repository import Arrival, Deposit, ListingRepository
from service.store.listings.reservations import ReservationRepository
from service.store.listings.sightings import SightingRepository
from service.store.migrate import upgrade
from service.store.pictures.likeness import LikenessRepository
from service.store.pictures.repository import PictureRepository
from service.store.platforms.api_keys import ApiKeyRepository
from service.store.platforms.deliveries import DeliveryRepository
from service.store.platforms.events import EventRepository
from service.store.platforms.idempotency import IdempotencyRepository
from service.store.platforms.webhook_desk import WebhookDesk
from service.store.platforms.webhooks import WebhookRepository
from service.store.referrals.repository import ReferralRepository
from service.store.second_look.blinds import BlindRepository
from service.store.second_look.dealing import DealRepository
from service.store.second_look.golden import GoldenRepository
from service.store.second_look.lapses import LapseRepository
from service.store.second_look.pairs import PairRepository
from service.store.second_look.readings import ReadingRepository
from service.store.second_look.second_looks import SecondLookRepository
from service.store.sellers.timeline import SellerRepository
from service.store.tables.core_tables import Listing
from service.store.teamwork.notices import NoticeRepository
from service.store.teamwork.own_work import OwnWorkRepository
from service.store.teamwork.threads import ThreadRepository
from service.store.tenants.own_keys import OwnKeyRepository
from service.store.tenants.registry import TenantRepository
from service.store.trusted_time.stamps import StampRepository


class Store:
    """One repository per noun, and shortcuts for the most common operations.

    Every method may raise :class:`~service.store.database.errors.StoreBusy` or
    :class:`~service.store.database.errors.StoreUnavailable`. Thread-safe; close it at the end.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.listings = ListingRepository(database)
        self.captures = CaptureRepository(database)
        self.pictures, self.sightings = PictureRepository(database), SightingRepository(database)
        self.likeness, self.recrawl = LikenessRepository(database), RecrawlRepository(database)
        self.assessments = AssessmentRepository(database)
        self.reservations = ReservationRepository(database)
        self.reviews = ReviewRepository(database)
        self.assignments = AssignmentRepository(database)
        self.blinds = BlindRepository(database)
        self.readings = ReadingRepository(database)
        self.second_looks = SecondLookRepository(database)
        self.golden = GoldenRepository(database)
        self.pairs = PairRepository(database)
        self.deals = DealRepository(database)
        self.lapses = LapseRepository(database)
        self.notices, self.threads = NoticeRepository(database), ThreadRepository(database)
        self.own_work, self.views = OwnWorkRepository(database), ViewRepository(database)
        self.search = SearchRepository(database)
        self.find, self.look_up = FindRepository(database), LookUpRepository(database)
        self.placements = PlacementRepository(database)
        self.campaigns = CampaignRepository(database)
        self.contacts = ContactRepository(database)
        self.bulks = BulkRepository(database)
        self.decisions = DecisionRepository(database)
        self.complaints, self.complaint_exports, self.appeals = (
            ComplaintRepository(database),
            ComplaintExportRepository(database),
            AppealRepository(database),
        )
        self.complaint_handling, self.complaint_photos = (
            HandlingRepository(database),
            PhotoRepository(database),
        )
        self.complaint_messages, self.answer_templates = (
            MessageRepository(database),
            AnswerTemplateRepository(database),
        )
        self.alerts, self.alert_patterns = AlertRepository(database), AlertPatternRepository(database)
        self.alert_corrections, self.alert_pictures, self.referrals = (
            AlertCorrectionRepository(database),
            AlertPictureRepository(database),
            ReferralRepository(database),
        )
        self.figures, self.relistings = FigureRepository(database), RelistingFigures(database)
        self.duties, self.seller_data = DutyRepository(database), SellerDataRepository(database)
        self.past_cases, self.sellers = PastCaseRepository(database), SellerRepository(database)
        self.webhooks, self.webhook_desk = WebhookRepository(database), WebhookDesk(database)
        self.deliveries, self.events = DeliveryRepository(database), EventRepository(database)
        self.users = UserRepository(database)
        self.logins = LoginRepository(database)
        self.sessions = SessionRepository(database)
        self.password_links = PasswordLinkRepository(database)
        self.identities = IdentityRepository(database)
        self.provider_logins = ProviderLoginRepository(database)
        self.second_factors = SecondFactorRepository(database)
        self.tenants, self.own_keys = TenantRepository(database), OwnKeyRepository(database)
        self.api_keys = ApiKeyRepository(database)
        self.idempotency = IdempotencyRepository(database)
        self.batches = BatchRepository(database)
        self.batch_chunks = BatchChunkRepository(database)
        self.holds = HoldRepository(database)
        self.kept_forms, self.time_stamps = KeptFormRepository(database), StampRepository(database)
        self.audit = AuditRepository(database)

    def deposit(
        self,
        listing: ListingShape,
        captures: Sequence[CaptureShape] = (),
        source: str = "",
        seen: CaptureShape | None = None,
    ) -> Deposit:
        """Store a listing and its evidence (see :meth:`ListingRepository.deposit`)."""
        return self.listings.deposit(listing, captures, source, seen)

    def deposit_all(self, arrivals: Sequence[Arrival]) -> list[Deposit]:
        """Store listings in one transaction (see :meth:`ListingRepository.deposit_all`)."""
        return self.listings.deposit_all(arrivals)

    def listing(self, listing_id: int) -> Listing | None:
        """The listing with this number, or ``None``."""
        return self.listings.get(listing_id)

    def unassessed(self, model_id: str, limit: int = 100) -> list[Listing]:
        """Listings whose current text has no assessment by this model."""
        return self.listings.unassessed(model_id, limit)

    def close(self) -> None:
        """Close the connections."""
        self.database.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str, busy_timeout: float = BUSY_TIMEOUT_SECONDS) -> Store:
    """Open the database at ``url``, creating it or migrating its schema.

    ``sqlite:///FILE`` (the folder is created) or ``postgresql+psycopg://USER@HOST/NAME``. ``busy_timeout`` is
    in seconds. Raises :class:`~service.store.database.errors.StoreUnavailable` with a message that says what
    to do.
    """
    database = Database(url, busy_timeout)
    try:
        make_folder(database)
        upgrade(database)
    except BaseException:
        database.dispose()
        raise
    return Store(database)
