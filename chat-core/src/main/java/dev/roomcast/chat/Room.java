package dev.roomcast.chat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A room as one node sees it: its local members, and how far its log has been delivered to them.
 *
 * <p><b>Order.</b> {@code position} is the place after the last frame delivered. What is announced
 * at or below it is dropped; what follows it directly is delivered; anything else is a gap: it is
 * held while the log is read from {@code position} on. So members see the log, whatever happens to
 * announcements.
 *
 * <p><b>Joining.</b> A joiner buffers what is delivered from the moment it is registered, gets its
 * history, then what it buffered above that, and is live.
 *
 * <p><b>Turns.</b> Everything that happens to a room is a task in its mailbox; one thread at a time
 * runs them, the one that finds the mailbox idle. No lock is held while frames are offered or the
 * backend is called. All state below the mailbox is confined to the thread that has the turn.
 */
final class Room {

  private static final Logger log = LoggerFactory.getLogger(Room.class);

  /** After so many tasks a borrowed thread gives the turn to the node's executor. */
  private static final int TASKS_PER_TURN = 256;

  private static final int REPAIR_PAGE = 500;
  private static final int MAX_HELD = 4_096;

  private final ChatNode node;
  private final String name;
  private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger tasks = new AtomicInteger();

  private Phase phase = Phase.NEW;
  private Position position = Position.NONE;
  private final List<ClientSession> members = new ArrayList<>();
  private final Map<ClientSession, Joiner> joiners = new LinkedHashMap<>();
  private final ArrayDeque<Publication> held = new ArrayDeque<>();
  private boolean gapWhileReading;
  private int emptyTimers;
  private final RoomPresence presence;
  private final @Nullable ConversationFeed feed;

  private enum Phase {
    NEW,
    SUBSCRIBING,
    LIVE,
    REPAIRING,
    CLOSED
  }

  /** Somebody whose history is being read, and what was delivered meanwhile. */
  private static final class Joiner {
    final CompletableFuture<Boolean> joined;
    final Command.Join command;
    final RoomManager.Membership membership;
    final @Nullable Long unread;
    final List<Publication> buffer = new ArrayList<>();
    int reads;

    Joiner(
        Command.Join command,
        RoomManager.Membership membership,
        @Nullable Long unread,
        CompletableFuture<Boolean> joined) {
      this.unread = unread;
      this.command = command;
      this.membership = membership;
      this.joined = joined;
    }
  }

  Room(ChatNode node, String name) {
    this.node = node;
    this.name = name;
    this.presence = new RoomPresence(node, name, this::run, this::send);
    Conversation conversation = Conversation.of(name);
    this.feed = conversation == null ? null : new ConversationFeed(node, conversation);
  }

  /** Delivers what was announced, in offset order, and reads the log where something is missing. */
  void onPublications(List<Publication> batch) {
    run(
        () -> {
          switch (phase) {
            case LIVE -> deliver(batch);
            case SUBSCRIBING, REPAIRING -> hold(batch);
            case NEW, CLOSED -> {}
          }
        });
  }

  private void deliver(List<Publication> batch) {
    List<Publication> next = new ArrayList<>(batch.size());
    for (Publication publication : batch) {
      boolean sameLog =
          publication.epoch().equals(position.epoch())
              || position.epoch().isEmpty() && publication.offset() == 1;
      if (sameLog && publication.offset() <= position.offset()) {
        node.counters().duplicatesDropped.increment();
      } else if (sameLog && publication.offset() == position.offset() + 1) {
        next.add(publication);
        position = publication.position();
      } else {
        fanOut(next);
        hold(batch.subList(batch.indexOf(publication), batch.size()));
        repair();
        return;
      }
    }
    fanOut(next);
  }

  private void fanOut(List<Publication> publications) {
    if (publications.isEmpty()) {
      return;
    }
    for (Joiner joiner : joiners.values()) {
      joiner.buffer.addAll(publications);
    }
    if (!members.isEmpty() || feed != null) {
      List<Frame> frames = new ArrayList<>(publications.size());
      for (Publication publication : publications) {
        frames.add(Frame.shared(FrameWriter.logged(publication)));
      }
      Frame frame = Frame.join(frames);
      send(frame);
      if (feed != null) {
        feed.send(frame, frames.size(), this::isHere);
      }
      node.measures().fannedOut(publications, node.clock().millis());
    }
    node.counters().delivered.add((long) publications.size() * members.size());
  }

  private boolean isHere(ClientSession session) {
    return members.contains(session) || joiners.containsKey(session);
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
          boolean begins = position.equals(Position.NONE);
          if (begins && (phase == Phase.NEW || phase == Phase.SUBSCRIBING)) {
            position = conversation.start(batch.get(0).position());
            conversation.begins(position);
          }
          if (phase == Phase.NEW) {
            deliverNext(batch);
            subscribe();
          } else if (phase == Phase.LIVE || phase == Phase.REPAIRING) {
            conversation.late(batch, this::isHere);
          }
          closeLater();
        });
  }

  /** Delivers what directly follows; for the rest the log will be read. */
  private void deliverNext(List<Publication> batch) {
    List<Publication> next = new ArrayList<>(batch.size());
    for (Publication publication : batch) {
      if (publication.epoch().equals(position.epoch())
          && publication.offset() == position.offset() + 1) {
        next.add(publication);
        position = publication.position();
      }
    }
    fanOut(next);
  }

  private void send(Frame frame) {
    for (int i = 0; i < members.size(); i++) {
      members.get(i).send(frame);
    }
  }

  private void hold(List<Publication> batch) {
    if (held.size() + batch.size() > MAX_HELD) {
      // The log has them all: reading it again is cheaper than memory without bounds.
      held.clear();
      gapWhileReading = true;
      return;
    }
    held.addAll(batch);
  }

  private void deliverHeld() {
    List<Publication> waiting = new ArrayList<>(held);
    held.clear();
    waiting.sort((a, b) -> Long.compare(a.offset(), b.offset()));
    List<Publication> ours = new ArrayList<>(waiting.size());
    boolean foreign = false;
    for (Publication publication : waiting) {
      if (publication.epoch().equals(position.epoch())) {
        ours.add(publication);
      } else {
        foreign = true;
      }
    }
    if (!ours.isEmpty()) {
      deliver(ours);
    }
    if (foreign && phase == Phase.LIVE) {
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
            gapWhileReading = true;
          }
          if (phase != Phase.CLOSED) {
            presence.load();
          }
        });
  }

  private void repair() {
    phase = Phase.REPAIRING;
    gapWhileReading = false;
    node.counters().repairs.increment();
    node.broker()
        .history(name, new HistoryQuery.Since(position, REPAIR_PAGE))
        .whenComplete((history, failure) -> run(() -> repaired(history, failure)));
  }

  private void repaired(@Nullable History history, @Nullable Throwable failure) {
    if (phase != Phase.REPAIRING) {
      return;
    }
    if (history == null) {
      log.debug("reading the log of room {} failed, trying again", JsonText.quote(name), failure);
      node.clock().schedule(ChatNode.RETRY, () -> run(this::retryRepair));
      return;
    }
    catchUp(history);
    if (history.more() || gapWhileReading) {
      repair();
      return;
    }
    phase = Phase.LIVE;
    deliverHeld();
    flushJoiners();
  }

  private void retryRepair() {
    if (phase == Phase.REPAIRING) {
      repair();
    }
  }

  /** Delivers what the log has above {@code position}, and says what it does not have any more. */
  private void catchUp(History history) {
    Position top = history.top();
    List<Publication> publications = history.publications();
    boolean sameEpoch = top.epoch().equals(position.epoch());
    long base = publications.isEmpty() ? top.offset() : publications.get(0).offset() - 1;
    boolean fresh = position.epoch().isEmpty() && base == 0;
    if (sameEpoch ? base > position.offset() || history.sure() < position.offset() : !fresh) {
      long sure = Math.min(history.sure(), position.offset());
      if (!top.epoch().isEmpty()) {
        position = new Position(top.epoch(), base);
        gap(position, sure + 1);
      }
    } else if (fresh) {
      position = new Position(top.epoch(), 0);
    }
    List<Publication> next = new ArrayList<>(publications.size());
    for (Publication publication : publications) {
      if (publication.offset() == position.offset() + 1) {
        next.add(publication);
        position = publication.position();
      }
    }
    fanOut(next);
  }

  private void gap(Position at, long from) {
    node.counters().gaps.increment();
    send(Frame.single(FrameWriter.gap(name, at, from)));
    // A joiner's history is older than this log: it is read again.
    for (Map.Entry<ClientSession, Joiner> entry : joiners.entrySet()) {
      entry.getValue().buffer.clear();
    }
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
          Joiner old = joiners.put(session, new Joiner(command, membership, unread, joined));
          if (old != null) {
            old.joined.complete(true);
          }
          if (phase == Phase.NEW) {
            subscribe();
          } else if (phase == Phase.LIVE) {
            readHistory(session);
          }
        });
    return joined;
  }

  private void subscribe() {
    phase = Phase.SUBSCRIBING;
    gapWhileReading = false;
    node.broker()
        .subscribe(name, HistoryQuery.position())
        .whenComplete((history, failure) -> run(() -> subscribed(history, failure)));
  }

  private void subscribed(@Nullable History history, @Nullable Throwable failure) {
    if (phase != Phase.SUBSCRIBING) {
      return;
    }
    if (history == null) {
      phase = Phase.NEW;
      ChatException problem = ChatException.of(failure == null ? unavailable() : failure);
      List<Joiner> waiting = List.copyOf(joiners.values());
      joiners.clear();
      held.clear();
      waiting.forEach(joiner -> joiner.joined.completeExceptionally(problem));
      closeLater();
      return;
    }
    boolean begins = position.equals(Position.NONE);
    boolean behind = !begins && !position.equals(history.top());
    if (begins) {
      position = history.top();
      if (feed != null) {
        feed.begins(position);
      }
    }
    phase = Phase.LIVE;
    presence.load();
    deliverHeld();
    if ((gapWhileReading || behind) && phase == Phase.LIVE) {
      repair();
    }
    flushJoiners();
  }

  private void flushJoiners() {
    if (phase == Phase.LIVE) {
      List.copyOf(joiners.keySet()).forEach(this::readHistory);
    }
  }

  private void readHistory(ClientSession session) {
    Joiner joiner = joiners.get(session);
    if (joiner == null) {
      return;
    }
    joiner.buffer.clear();
    Position since = joiner.command.since();
    HistoryQuery query =
        since == null
            ? new HistoryQuery.Newest(joiner.command.history())
            : new HistoryQuery.Since(since, node.limits().historyCount() * 2);
    readHistory(session, joiner, query);
  }

  private void readHistory(ClientSession session, Joiner joiner, HistoryQuery query) {
    int read = ++joiner.reads;
    node.broker()
        .history(name, query)
        .whenComplete(
            (history, failure) ->
                run(
                    () -> {
                      // An answer that was overtaken by a later one knows less than the buffer.
                      if (joiners.get(session) == joiner && read == joiner.reads) {
                        historyRead(session, joiner, query, history, failure);
                      }
                    }));
  }

  private void historyRead(
      ClientSession session,
      Joiner joiner,
      HistoryQuery query,
      @Nullable History history,
      @Nullable Throwable failure) {
    if (history == null) {
      joiners.remove(session);
      joiner.joined.completeExceptionally(
          ChatException.of(failure == null ? unavailable() : failure));
      closeLater();
      return;
    }
    if (phase == Phase.REPAIRING) {
      return; // it is read again when the log has been caught up with
    }
    if (!history.top().epoch().equals(position.epoch()) && !position.equals(Position.NONE)) {
      repair();
      return;
    }
    Boolean recovered = null;
    if (query instanceof HistoryQuery.Since since) {
      long bytes = 0;
      for (Publication publication : history.publications()) {
        bytes += publication.body().utf8Length();
      }
      recovered =
          history.recovers(since.position()) && bytes <= node.limits().outboxBytes() * 3L / 4;
      if (!recovered) {
        readHistory(session, joiner, new HistoryQuery.Newest(joiner.command.history()));
        return;
      }
    } else if (joiner.command.since() != null) {
      recovered = false;
    }
    joiners.remove(session);
    goLive(session, joiner, history, recovered);
  }

  private void goLive(
      ClientSession session, Joiner joiner, History history, @Nullable Boolean recovered) {
    if (!session.connected()) {
      joiner.joined.complete(true); // what becomes of the membership the session decides
      closeLater();
      return;
    }
    List<Publication> frames = new ArrayList<>(history.publications());
    Position at = history.top();
    for (Publication publication : joiner.buffer) {
      if (publication.offset() > at.offset()) {
        frames.add(publication);
        at = publication.position();
      }
    }
    if (at.offset() > position.offset()) {
      // The log is ahead of what was announced here: what is on its way would come twice.
      List<Publication> ahead =
          frames.stream().filter(p -> p.offset() > position.offset()).toList();
      if (ahead.size() == at.offset() - position.offset()) {
        position = at;
        fanOut(ahead);
      } else {
        joiners.put(session, joiner);
        repair();
        return;
      }
    }
    RoomManager.Membership present = presence.welcome(joiner.membership, session.user());
    session.send(
        Frame.single(
            FrameWriter.joined(joiner.command, at, recovered, frames, present, joiner.unread)));
    if (!members.contains(session)) { // it is there when it joined anew
      members.add(session);
      node.counters().members.increment();
    }
    joiner.joined.complete(true);
  }

  /** Ends the deliveries to a session; the stage ends when no more will come. */
  CompletableFuture<@Nullable Void> leave(ClientSession session) {
    CompletableFuture<@Nullable Void> left = new CompletableFuture<>();
    run(
        () -> {
          if (members.remove(session)) {
            node.counters().members.decrement();
          }
          Joiner joiner = joiners.remove(session);
          if (joiner != null) {
            joiner.joined.complete(true);
          }
          left.complete(null);
          closeLater();
        });
    return left;
  }

  /** Gives the room up after a while, if nobody is in it then. */
  void closeIfEmptyLater() {
    run(this::closeLater);
  }

  private void closeLater() {
    if (members.isEmpty() && joiners.isEmpty() && phase != Phase.CLOSED) {
      int timer = ++emptyTimers;
      node.clock()
          .schedule(
              ChatNode.UNSUBSCRIBE_DELAY,
              () ->
                  run(
                      () -> {
                        if (timer == emptyTimers) {
                          closeIfEmpty();
                        }
                      }));
    }
  }

  private void closeIfEmpty() {
    if (members.isEmpty() && joiners.isEmpty() && phase != Phase.CLOSED) {
      phase = Phase.CLOSED;
      held.clear();
      presence.close();
      if (feed != null) {
        feed.ends(position);
      }
      // First the end of the old subscription, then the chance for a new one.
      CompletionStage<Void> ended = node.broker().unsubscribe(name);
      node.closed(this);
      ended.whenComplete(
          (done, failure) -> {
            node.noteFailure(null, failure);
            if (failure != null) {
              node.closeAgain(name);
            }
          });
    }
  }

  /** Sends a frame that is not logged to all members. */
  void onEphemeral(Json announced) {
    Ephemeral ephemeral = Ephemeral.read(announced);
    Frame frame = Frame.shared(ephemeral.frame().bytes());
    run(
        () -> {
          for (ClientSession member : members) {
            if (!member.id().equals(ephemeral.except())) {
              member.send(frame);
            }
          }
        });
  }

  /** The room's log was ended: members are told and go. */
  void onDestroyed() {
    run(
        () -> {
          for (ClientSession session : List.copyOf(members)) {
            session.expel(name, "removed");
          }
          node.counters().members.add(-members.size());
          members.clear();
          closeLater();
        });
  }

  /** Gathers a change of presence; members hear of it within the interval. */
  void onPresence(PresenceChange change) {
    run(() -> presence.apply(change));
  }

  String name() {
    return name;
  }

  private static ChatException unavailable() {
    return new ChatException(ErrorCode.UNAVAILABLE, "the log cannot be read");
  }

  /** Runs the task when it is its turn: now, unless another thread has the turn. */
  private void run(Runnable task) {
    mailbox.add(task);
    if (tasks.getAndIncrement() == 0) {
      takeTurn();
    }
  }

  private void takeTurn() {
    int done = 0;
    do {
      if (done++ == TASKS_PER_TURN) {
        node.executor().execute(this::takeTurn);
        return;
      }
      Runnable task = mailbox.remove();
      try {
        task.run();
      } catch (RuntimeException e) {
        log.error("a task of room {} failed; this is a fault", JsonText.quote(name), e);
      }
    } while (tasks.decrementAndGet() > 0);
  }
}
