package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A room as one node sees it: its local members, and how far its log has been delivered to them.
 *
 * <p><b>Order.</b> What is announced at or below {@link Progress the place} after the last frame
 * delivered is dropped; what follows it directly is delivered; anything else is a gap: it is held
 * while the log is read from that place on. So members see the log, whatever happens to
 * announcements.
 *
 * <p><b>Joining.</b> A joiner buffers what is delivered from the moment it is registered, gets its
 * history, then what it buffered above that, and is live: see {@link Joiners}.
 *
 * <p><b>Turns.</b> Everything that happens to a room is a task; {@link Turns} runs one at a time,
 * and cuts what goes to many members into slices. No lock is held while frames are offered or the
 * backend is called. All state is confined to the thread that has the turn.
 */
final class Room {

  private static final Logger log = LoggerFactory.getLogger(Room.class);
  private static final int REPAIR_PAGE = 500;

  private final ChatNode node;
  private final String name;
  private final FanOut members;
  private final Turns turns;
  private final Joiners joiners;
  private final RoomPresence presence;
  private final Vacancy vacancy;
  private final @Nullable ConversationFeed feed;

  private Phase phase = Phase.NEW;
  private final Progress progress = new Progress();
  private final HeldBack held = new HeldBack();
  private final HeardReads reads;

  private enum Phase {
    NEW,
    SUBSCRIBING,
    LIVE,
    REPAIRING,
    CLOSED
  }

  Room(ChatNode node, String name) {
    this.node = node;
    this.name = name;
    this.members = new FanOut(node.counters().members);
    this.turns = new Turns(name, members, node.executor());
    this.joiners = new Joiners(node, this);
    this.presence = new RoomPresence(node, name, turns, members::send);
    this.reads = new HeardReads(node.clock());
    this.vacancy = new Vacancy(node.clock(), turns, this::isEmpty, this::giveUp);
    Conversation conversation = Conversation.of(name);
    this.feed = conversation == null ? null : new ConversationFeed(node, conversation);
  }

  /** Delivers what was announced, in offset order, and reads the log where something is missing. */
  void onPublications(List<Publication> batch) {
    turns.execute(new Announced(batch, this::announced));
  }

  private void announced(List<Publication> batch) {
    switch (phase) {
      case LIVE -> deliver(batch);
      case SUBSCRIBING, REPAIRING -> held.hold(batch);
      case NEW, CLOSED -> {}
    }
  }

  private void deliver(List<Publication> batch) {
    List<Publication> next = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      Publication publication = batch.get(i);
      Progress.Place place = progress.place(publication);
      if (place == Progress.Place.ELSEWHERE) {
        fanOut(next);
        held.hold(batch.subList(i, batch.size()));
        repair();
        return;
      } else if (place == Progress.Place.NEXT) {
        next.add(publication);
        progress.goOnTo(publication.position());
      } else {
        node.counters().duplicatesDropped.increment();
      }
    }
    fanOut(next);
  }

  private void fanOut(List<Publication> publications) {
    if (publications.isEmpty()) {
      return;
    }
    joiners.keep(publications);
    if (members.size() > 0 || feed != null) {
      for (Frame frame : FanOut.encode(publications)) {
        members.send(frame);
        if (feed != null) {
          feed.send(frame, frame.parts().size(), this::isHere);
        }
      }
      members.then(() -> node.measures().fannedOut(publications, node.clock().millis()));
      node.counters().delivered.add((long) publications.size() * members.size());
    }
  }

  private boolean isHere(ClientSession session) {
    return members.contains(session) || joiners.contains(session);
  }

  /** Something was logged in this conversation: its users get it, joined or not. */
  void onDirect(List<Publication> batch) {
    ConversationFeed conversation = feed;
    if (conversation == null) {
      return;
    }
    run(
        () -> {
          if (phase == Phase.CLOSED) {
            node.conversations().onDirect(name, batch); // another room has the name by now
            return;
          }
          if (phase == Phase.LIVE || phase == Phase.REPAIRING) {
            announced(progress.news(batch));
            return;
          }
          conversation.tells(batch);
          if (phase == Phase.NEW) {
            subscribe();
          }
        });
  }

  private void deliverHeld() {
    HeldBack.Taken taken = held.takeAll(progress.position().epoch());
    deliver(taken.ofEpoch());
    if (taken.others() && phase == Phase.LIVE) {
      // Another epoch was announced meanwhile; whether it is older or newer only the log knows.
      repair();
    }
  }

  /** The broker may have lost announcements: reads the log and who is here again. */
  void onGap() {
    run(
        () -> {
          if (phase == Phase.LIVE) {
            repair();
          } else {
            held.missed();
          }
          if (phase != Phase.CLOSED) {
            presence.load();
          }
        });
  }

  private void repair() {
    phase = Phase.REPAIRING;
    held.reading();
    node.counters().repairs.increment();
    node.broker()
        .history(name, new HistoryQuery.Since(progress.position(), REPAIR_PAGE))
        .whenComplete((history, failure) -> run(() -> repaired(history, failure)));
  }

  private void repaired(@Nullable History history, @Nullable Throwable failure) {
    if (phase != Phase.REPAIRING) {
      return;
    }
    if (history == null) {
      log.debug("reading the log of room {} failed, trying again", JsonText.quote(name), failure);
      node.clock().schedule(ChatNode.RETRY, () -> run(this::repairAgain));
      return;
    }
    catchUp(history);
    if (history.more() || held.isIncomplete()) {
      repair();
      return;
    }
    phase = Phase.LIVE;
    deliverHeld();
    readHistories();
    if (feed != null) {
      vacancy.check();
    }
  }

  private void repairAgain() {
    if (phase == Phase.REPAIRING) {
      repair();
    }
  }

  private void readHistories() {
    if (phase == Phase.LIVE) {
      joiners.readAll();
    }
  }

  /** Delivers what the log has above the place, and says what it does not have any more. */
  private void catchUp(History history) {
    Frame.Before before = new Frame.Before(name, progress.position());
    long unsure = progress.jumpTo(history);
    if (unsure > 0) {
      node.counters().gaps.increment();
      members.send(Frame.single(FrameWriter.gap(name, progress.position(), unsure), before));
      joiners.forgetKept();
    }
    fanOut(progress.takeNext(history.publications()));
  }

  /**
   * Makes a session a live member: it gets {@code joined} with its history, then everything after
   * it.
   *
   * @param unread what its user has not read, null when that is not to be told
   * @return false when this room was given up meanwhile: ask the node for it again
   */
  CompletableFuture<Boolean> join(
      ClientSession session,
      Command.Join command,
      RoomManager.Membership membership,
      @Nullable Long unread) {
    CompletableFuture<Boolean> joined = new CompletableFuture<>();
    run(
        () -> {
          if (phase == Phase.CLOSED) {
            joined.complete(false);
            return;
          }
          joiners.add(session, command, membership, unread, joined);
          if (phase == Phase.NEW) {
            subscribe();
          } else if (phase == Phase.LIVE) {
            joiners.read(session);
          }
        });
    return joined;
  }

  private void subscribe() {
    phase = Phase.SUBSCRIBING;
    held.reading();
    node.broker()
        .subscribe(name, feed == null ? HistoryQuery.position() : ConversationFeed.BEGINNING)
        .whenComplete((history, failure) -> run(() -> subscribed(history, failure)));
  }

  private void subscribed(@Nullable History history, @Nullable Throwable failure) {
    if (phase != Phase.SUBSCRIBING) {
      return;
    }
    if (history == null) {
      phase = Phase.NEW;
      held.clear();
      joiners.refuse(failure);
      if (feed != null && feed.isWaiting()) {
        node.clock().schedule(ChatNode.RETRY, () -> run(this::subscribeAgain));
      }
      vacancy.check();
      return;
    }
    progress.goOnTo(feed == null ? history.top() : feed.begins(history));
    boolean behind = !progress.position().equals(history.top());
    phase = Phase.LIVE;
    presence.load();
    if (behind) {
      repair(); // what is held is delivered after what comes before it
    } else {
      deliverHeld();
    }
    if (held.isIncomplete() && phase == Phase.LIVE) {
      repair();
    }
    readHistories();
    vacancy.check();
  }

  private void subscribeAgain() {
    if (phase == Phase.NEW) {
      subscribe();
    }
  }

  /** Whether a history with this top is of the log that is delivered; else that is read first. */
  boolean goesOnFrom(Position top) {
    if (phase == Phase.LIVE
        && progress.hasBegun()
        && !top.epoch().equals(progress.position().epoch())) {
      repair();
    }
    return phase == Phase.LIVE;
  }

  /**
   * Goes on to a place that a joiner's history reaches. Where the log is ahead of what was
   * announced here the other members get the difference now, as it would come twice later.
   *
   * @return false when the history does not have it all: the log is read first
   */
  boolean advance(Position at, List<Publication> history) {
    List<Publication> ahead = progress.takeUpTo(at, history);
    if (ahead == null) {
      repair();
      return false;
    }
    fanOut(ahead);
    return true;
  }

  /**
   * Makes a session a member after what is on its way, beginning with this frame.
   *
   * @param before where the session is without that frame
   */
  void admit(
      ClientSession session,
      Position before,
      RoomManager.Membership membership,
      Function<RoomManager.Membership, String> joined,
      CompletableFuture<Boolean> done) {
    members.then(
        () -> {
          String frame = joined.apply(presence.welcome(membership, session.user()));
          session.send(Frame.single(frame, new Frame.Before(name, before)));
          members.add(session);
          done.complete(true);
        });
  }

  /**
   * Ends the deliveries to a session; the stage ends when no more will come, with the position up
   * to which it was sent what is logged.
   */
  CompletableFuture<Position> leave(ClientSession session) {
    CompletableFuture<Position> left = new CompletableFuture<>();
    run(
        () -> {
          members.remove(session);
          joiners.remove(session);
          left.complete(progress.position());
          vacancy.check();
        });
    return left;
  }

  /** Gives the room up after a while, if nobody is in it then. */
  void closeIfEmptyLater() {
    run(vacancy::check);
  }

  private boolean isEmpty() {
    boolean owes = feed != null && (feed.isWaiting() || phase == Phase.REPAIRING);
    return members.size() == 0 && joiners.isEmpty() && phase != Phase.CLOSED && !owes;
  }

  private void giveUp() {
    phase = Phase.CLOSED;
    held.clear();
    presence.close();
    if (feed != null) {
      feed.ends(progress.position());
    }
    // First the end of the old subscription, then the chance for a new one.
    CompletionStage<Void> ended = node.broker().unsubscribe(name);
    node.localRooms().closed(this);
    ended.whenComplete(
        (done, failure) -> {
          node.noteFailure(null, failure);
          if (failure != null) {
            node.localRooms().closeAgain(name);
          }
        });
  }

  /** Sends a frame that is not logged to all members. */
  void onEphemeral(Json announced) {
    Ephemeral ephemeral = Ephemeral.read(announced);
    Frame frame = Frame.shared(ephemeral.frame().bytes());
    run(
        () -> {
          if (reads.isNews(ephemeral.frame())) {
            members.send(frame, ephemeral.except());
          }
        });
  }

  /** The room's log was ended: members are told and go. */
  void onDestroyed() {
    run(
        () -> {
          reads.forget();
          members.each(session -> session.attendance().expel(name, "removed"));
          members.then(
              () -> {
                members.clear();
                vacancy.check();
              });
        });
  }

  /** Gathers a change of presence; members hear of it within the interval. */
  void onPresence(PresenceChange change) {
    run(() -> presence.apply(change));
  }

  String name() {
    return name;
  }

  /** Runs the task in the room's turn. */
  void run(Runnable task) {
    turns.execute(task);
  }
}
