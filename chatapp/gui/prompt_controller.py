"""PromptController: owns what is typed and not yet sent: drafts and the queue.

What is typed in a conversation stays with it. On the disk all of it is one draft, at most a second
old, so that the end of the program, whatever its kind, loses none of it.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, SignalInstance

from chatapp import paths
from chatapp.chat import new_id
from chatapp.gui.attachment_controller import AttachmentController
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat_controller import ChatController
from chatapp.gui.conversations import is_answered
from chatapp.gui.desk import Desk
from chatapp.gui.history import History
from chatapp.gui.prompt_library import PromptLibrary
from chatapp.storage.records import Draft, StoredMessage

_SAVE_MS = 500


class PromptController(QObject):
    """Keeps what is typed, and hands it to the ChatController when its time has come.

    Attributes:
        attachments: What is attached to it.
    """

    def __init__(
        self, page: ChatPage, history: History, chat: ChatController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._box = page.prompt_box
        self._history = history
        self._chat = chat
        self._library = PromptLibrary(page, paths.config_dir() / "prompts.toml", self)
        self._id = chat.conversation.id
        self._new_id = self._id  # the conversation never begun, whose desk every new one takes over
        self._desks = {self._id: Desk(self._id)}
        self.attachments = AttachmentController(page, self._desk, self)
        self._awaited: set[str] = set()  # conversations whose draft is on its way
        self._sending: dict[str, tuple[Desk, Draft]] = {}  # by conversation; what is being saved
        self._is_unsaved = False
        self._is_showing = False
        self._n_recalled = 0  # how many messages of the user back; 0 is what is being written
        self._timer = QTimer(self, interval=_SAVE_MS, singleShot=True)
        self._connect()

    def start(self) -> None:
        """Bring back what was typed in a conversation that was never begun."""
        self._history.last_new_draft()

    def take_back(self, message: StoredMessage) -> None:
        """Put a message of the conversation on show back into the prompt, to be changed."""
        self._put_before(self._desk, Draft(message.content, message.attachments))
        self._save(self._desk)
        self._page.focus_prompt()

    def close(self) -> None:
        """Keep what is typed, whatever is still to be read or sent."""
        self.attachments.close()
        self._put_away()
        for conversation_id in tuple(self._awaited):
            self._keep_apart(conversation_id)
        for signal, slot in self._answers():  # some come once the history is closed
            signal.disconnect(slot)

    def _connect(self) -> None:
        page, box = self._page, self._box
        page.send_requested.connect(self._on_send)
        box.edit.textChanged.connect(self._on_text_changed)
        box.edit.recall_requested.connect(self._on_recall)
        box.edit.recall_ended.connect(lambda: self._box.set_text(""))
        box.busy_changed.connect(self._show_queue)
        page.queue_bar.send_requested.connect(self._send_next)
        page.queue_bar.edit_requested.connect(self._take_from_queue)
        page.queue_bar.remove_requested.connect(self._remove_from_queue)
        self._history.draft_loaded.connect(self._on_draft_loaded)
        self._history.draft_unread.connect(self._on_draft_unread)
        self._history.new_draft_found.connect(self._on_new_draft_found)
        self._history.erased.connect(self._forget)
        for signal, slot in self._answers():
            signal.connect(slot)
        self.attachments.changed.connect(self._save)
        self._timer.timeout.connect(self._put_away)

    def _answers(self) -> Sequence[tuple[SignalInstance, Callable[[str], None]]]:
        return (
            (self._chat.shown, self._on_shown),
            (self._chat.sent, self._on_sent),
            (self._chat.refused, self._on_refused),
            (self._chat.became_free, self._on_free),
        )

    @property
    def _desk(self) -> Desk:
        return self._desks[self._id]

    # ---- drafts ----

    def _on_text_changed(self) -> None:
        if not self._is_showing:
            self._is_unsaved = True
            if not self._timer.isActive():  # counted from the first key, not from the last
                self._timer.start()

    def _put_away(self) -> None:
        """Take over what stands in the prompt, and write it down where it has changed."""
        self._desk.text = self._box.text()
        if self._is_unsaved:
            self._save(self._desk)

    def _save(self, desk: Desk) -> None:
        if desk is self._desk:
            desk.text = self._box.text()
            self._is_unsaved = False
            self._timer.stop()
        is_known = self._desks.get(desk.conversation_id) is desk  # else it was erased for good
        if is_known and desk.conversation_id not in self._awaited:
            self._history.save_draft(desk.draft_id, desk.unsent())

    def _on_shown(self, conversation_id: str) -> None:
        if conversation_id != self._id:
            self._put_away()
            self._id = conversation_id
            conversation = self._chat.conversation
            if not conversation.messages and not conversation.is_incognito:
                self._take_over_new()
            if conversation_id not in self._desks:
                self._desks[conversation_id] = Desk(conversation_id)
                if not conversation.is_incognito:  # nothing of such a one was kept before
                    self._awaited.add(conversation_id)
                    self._history.load_draft(conversation_id)
            self._show_desk()
            self._on_free(conversation_id)

    def _take_over_new(self) -> None:
        """What was typed in a conversation never begun goes on in the next one."""
        old_id, self._new_id = self._new_id, self._id
        if old_id and old_id != self._id:
            self._desks[self._id] = desk = self._desks.pop(old_id)
            old_id, desk.apart_id, desk.conversation_id = desk.draft_id, "", self._id
            if desk.unsent() != Draft():
                self._history.save_draft(self._id, desk.unsent())
                self._history.save_draft(old_id, Draft())

    def _on_draft_loaded(self, conversation_id: str, draft: Draft) -> None:
        if conversation_id in self._awaited:
            self._awaited.remove(conversation_id)
            desk = self._desks[conversation_id]
            self._put_before(desk, draft)
            if desk.unsent() != draft:
                self._save(desk)

    def _on_draft_unread(self, conversation_id: str) -> None:
        if conversation_id in self._awaited:
            self._keep_apart(conversation_id)
            self._page.show_notice(
                self.tr("An unsent text could not be read. It is kept, and read at the next start.")
            )

    def _keep_apart(self, conversation_id: str) -> None:
        """Keep what is typed as a conversation never begun: the draft there was is not read yet."""
        self._awaited.remove(conversation_id)
        desk = self._desks[conversation_id]
        desk.apart_id = new_id()
        if desk.unsent() != Draft():
            self._save(desk)

    def _on_new_draft_found(self, conversation_id: str, draft: Draft) -> None:
        if not self._new_id:  # one was begun meanwhile: it waits for the next one
            self._new_id = conversation_id
            self._desks[conversation_id] = Desk(conversation_id)
        desk = self._desks[self._new_id]
        self._put_before(desk, draft)
        if conversation_id != self._new_id:
            self._save(desk)
            self._history.save_draft(conversation_id, Draft())

    def _put_before(self, desk: Desk, draft: Draft) -> None:
        """Put a draft before what is typed meanwhile."""
        if desk is self._desk:
            desk.text = self._box.text()
        desk.put_before(draft)
        if desk is self._desk:
            self._show_desk()

    def _show_desk(self) -> None:
        self._is_showing = True
        if self._box.text() != self._desk.text:
            self._box.set_text(self._desk.text)
        self._is_showing = False
        self._n_recalled = 0
        self.attachments.show(self._desk)
        self._show_queue()

    def _forget(self, erased: Sequence[str]) -> None:
        """Nothing of a conversation that was erased for good may be written again."""
        for conversation_id in erased:
            self._awaited.discard(conversation_id)
            desk = self._desks.pop(conversation_id, None)
            if desk is not None:
                self.attachments.forget(desk)
                if desk.apart_id:
                    self._history.erase([desk.apart_id])

    # ---- sending ----

    def _on_send(self, text: str) -> None:
        desk = self._desk
        if self._id in self._sending:
            return
        if desk.readings:
            self._page.show_notice(self.tr("The message can be sent once its files are read."))
            return
        draft = Draft(text, desk.attachments)
        if self._chat.is_busy:
            desk.put_into_queue(len(desk.queue), draft)
            desk.attachments = ()
            self._box.set_text("")
            self._save(desk)
            self._show_desk()
        else:
            self._send(draft)

    def _send(self, draft: Draft) -> None:
        self._sending[self._id] = self._desk, draft
        self._chat.send(draft.text, draft.attachments)
        self._show_queue()

    def _send_next(self) -> None:
        if self._desk.queue and self._is_idle():
            self._send(self._desk.queue[0])

    def _on_free(self, conversation_id: str) -> None:
        """Send what waits for the end of a reply, unless the reply was cut short."""
        if conversation_id != self._id:
            self._send_elsewhere(conversation_id)
        elif is_answered(self._chat.conversation):
            self._send_next()
        self._show_queue()

    def _send_elsewhere(self, conversation_id: str) -> None:
        desk = self._desks.get(conversation_id)
        if desk is not None and desk.queue and conversation_id not in self._sending:
            draft = desk.queue[0]
            self._sending[conversation_id] = desk, draft
            self._chat.saver.follow(conversation_id, draft.text, draft.attachments)

    def _on_sent(self, conversation_id: str) -> None:
        if conversation_id not in self._sending:  # not by us
            return
        desk, sent = self._sending.pop(conversation_id)
        if desk.queue and desk.queue[0] is sent:
            desk.take_from_queue(0)
        else:
            text = self._box.text() if desk is self._desk else desk.text
            # What was typed since stays.
            desk.text = text.removeprefix(sent.text)
            desk.attachments = tuple(a for a in desk.attachments if a not in sent.attachments)
        if conversation_id == self._new_id:
            self._new_id = ""
        if desk is self._desk:
            self._show_desk()
        self._save(desk)

    def _on_refused(self, conversation_id: str) -> None:
        self._sending.pop(conversation_id, None)  # it still lies on its desk
        self._show_queue()

    def _on_recall(self, step: int) -> None:
        sent = [m.content for m in self._chat.conversation.path() if m.role == "user"][::-1]
        if not self._box.text():
            self._n_recalled = 0
        self._n_recalled = max(0, min(len(sent), self._n_recalled + step))
        if self._n_recalled:
            self._box.edit.show_recalled(sent[self._n_recalled - 1])
        else:
            self._box.set_text("")

    # ---- the queue ----

    def _show_queue(self) -> None:
        texts = [
            draft.text or ", ".join(attachment.name for attachment in draft.attachments)
            for draft in self._desk.queue
        ]
        self._page.queue_bar.show_queue(texts, self._is_idle())

    def _is_idle(self) -> bool:
        """Whether nothing is under way that the queue on show would wait for."""
        return self._id not in self._sending and not self._chat.is_busy

    def _take_from_queue(self, number: int) -> None:
        """Put a waiting message back into the prompt, before what is written there."""
        draft = self._desk.take_from_queue(number)
        self._put_before(self._desk, draft)
        self._save(self._desk)
        self._page.focus_prompt()

    def _remove_from_queue(self, number: int) -> None:
        desk = self._desk
        draft = desk.take_from_queue(number)

        def put_back() -> None:
            desk.put_into_queue(number, draft)
            self._save(desk)
            self._show_queue()

        self._save(desk)
        self._show_queue()
        self._page.show_notice(self.tr("It will not be sent."), self.tr("Undo"), put_back)
        self._page.focus_prompt()
