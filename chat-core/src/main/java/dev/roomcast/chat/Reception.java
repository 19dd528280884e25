package dev.roomcast.chat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Lets clients in: who they are, whether they may, and which session is theirs.
 *
 * <p>A resume string is the session's id, a dot, and the secret; the store has only the secret's
 * hash. Stateless, but for the node's sessions; thread-safe.
 */
final class Reception {

  private static final int MAX_RESUME_LENGTH = 200;

  /** Sessions without a connection that a user may have beyond its limit: reloads of a page. */
  static final int WAITING_SESSIONS = 100;

  /** So often, {@link ChatNode#RETRY} apart, before the client gets a new session instead. */
  private static final int TAKE_OVER_ATTEMPTS = 20;

  private static final Duration GIVE_UP_RETRY = Duration.ofSeconds(1);

  private final ChatNode node;

  Reception(ChatNode node) {
    this.node = node;
  }

  CompletionStage<Admission> admit(ConnectRequest request) {
    if (!node.isKnown()) {
      return CompletableFuture.failedFuture(
          ChatException.retryLater(
              ErrorCode.UNAVAILABLE, "this server is starting", Duration.ofSeconds(1)));
    }
    String room = request.room();
    if (room != null) {
      try {
        Names.room(room);
      } catch (ChatException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
    Places.Place place;
    try {
      place = node.places().take(request.remoteAddress(), node.clock().millis());
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (node.draining()) { // looked at with a place in hand: a drain waits for those that have one
      place.leave();
      return CompletableFuture.failedFuture(
          ChatException.retryLater(
              ErrorCode.UNAVAILABLE, "this server is going away", Duration.ofSeconds(1)));
    }
    Resume resume = Resume.read(request.parameter("resume"));
    CompletionStage<@Nullable User> known =
        resume == null
            ? CompletableFuture.completedFuture(null)
            : node.state().find(resume.session(), resume.hash());
    return known
        .thenCompose(sessionUser -> admit(place, request, resume, sessionUser))
        .whenComplete(
            (admission, failure) -> {
              if (failure != null) {
                place.leave();
              }
            });
  }

  private CompletionStage<Admission> admit(
      Places.Place place,
      ConnectRequest request,
      @Nullable Resume resume,
      @Nullable User sessionUser) {
    String room = request.room();
    ConnectRequest asked = sessionUser == null ? request : request.of(sessionUser);
    return node.hooks()
        .authenticate(asked)
        .thenApply(
            credential -> {
              if (sessionUser != null && !sessionUser.id().equals(credential.user().id())) {
                throw new ChatException(
                    ErrorCode.FORBIDDEN, "resume: this session belongs to another user");
              }
              return new Admission(
                  place,
                  credential.checkedAt(node.clock().millis()),
                  request.remoteAddress(),
                  sessionUser == null || resume == null ? null : resume.session(),
                  sessionUser == null || resume == null ? null : resume.hash(),
                  room,
                  null);
            })
        .thenCompose(this::oneMoreSession)
        .thenCompose(
            admission ->
                node.moderation().mayComeIn(admission.user()).thenApply(welcome -> admission))
        .thenCompose(
            admission ->
                room == null
                    ? CompletableFuture.completedFuture(admission)
                    : node.authorize(admission.user(), Authorizer.Action.JOIN, room)
                        .thenApply(allowed -> admission))
        .thenCompose(
            admission -> node.guestNames().claim(admission.user()).thenApply(admission::with));
  }

  /** Refuses the client whose user has as many sessions as may be, on all nodes. */
  private CompletionStage<Admission> oneMoreSession(Admission admission) {
    String user = admission.user().id();
    if (node.limits().sessionsPerUser() == 0 || node.hooks().isGuest(admission.user())) {
      return CompletableFuture.completedFuture(admission); // each guest is a user of its own
    }
    return node.state()
        .sessions(user)
        .handle(
            (sessions, failure) -> {
              node.noteFailure(sessions, failure);
              // Without the store those of this node count; it knows them best in any case.
              admission.place().of(user, elsewhere(admission, sessions));
              return admission;
            });
  }

  private int elsewhere(Admission admission, @Nullable List<StateStore.UserSession> sessions) {
    String resumed = admission.resumeSession();
    ClientSession here = resumed == null ? null : node.session(resumed);
    int others = here != null && here.connected() ? -1 : 0;
    int waiting = -WAITING_SESSIONS;
    for (StateStore.UserSession session :
        sessions == null ? List.<StateStore.UserSession>of() : sessions) {
      if (session.session().equals(resumed)) {
        continue;
      }
      if (!session.connected()) {
        waiting++;
      } else if (!session.node().equals(node.id())) {
        others++;
      }
    }
    return others + Math.max(0, waiting);
  }

  ClientSession connect(Admission admission, Transport transport) {
    GuestNames.Claim name = admission.name();
    if (name != null) {
      name.keep();
    }
    admission.place().connected();
    ClientSession session = new ClientSession(node, node.newId(12), admission, transport);
    String room = admission.room();
    if (room != null) {
      String join = FrameWriter.join(room);
      session.enqueue(node.read(join, HotCommands.isPlain(join)));
    }
    String secret = node.newId(24);
    String hash = Ids.hash(secret);
    String old = admission.resumeSession();
    String oldHash = admission.resumeHash();
    if (old == null || oldHash == null) {
      openNew(session, secret, hash);
    } else {
      ClientSession before = node.session(old);
      boolean connected = before != null && before.connected();
      takeOver(new TakeOver(session, old, oldHash, secret, hash, connected), TAKE_OVER_ATTEMPTS);
    }
    return session;
  }

  /**
   * A session that goes on with a new connection, under a new secret. Immutable.
   *
   * @param connected whether its old connection was here, and not known to be lost
   */
  private record TakeOver(
      ClientSession session,
      String old,
      String oldHash,
      String secret,
      String hash,
      boolean connected) {}

  /** Asks again when the store does not answer: it may have been done, and the secret be used. */
  private void takeOver(TakeOver ask, int attempts) {
    node.state()
        .takeOver(ask.old(), ask.oldHash(), ask.hash())
        .whenComplete(
            (record, failure) -> {
              node.noteFailure(record, failure);
              if (failure == null && record != null) {
                goOn(ask, record);
              } else if (failure == null) {
                openNew(ask.session(), ask.secret(), ask.hash());
              } else if (attempts > 1) {
                node.clock().schedule(ChatNode.RETRY, () -> takeOver(ask, attempts - 1));
              } else {
                openNew(ask.session(), ask.secret(), ask.hash());
                giveUp(ask);
              }
            });
  }

  /** The client has a new session by now: the old one, if it is ours, ends. */
  private void giveUp(TakeOver ask) {
    node.state()
        .takeOver(ask.old(), ask.oldHash(), ask.hash())
        .whenComplete(
            (record, failure) -> {
              if (failure != null) {
                node.clock().schedule(GIVE_UP_RETRY, () -> giveUp(ask));
              } else if (record != null) {
                String at = record.node().equals(node.id()) ? null : record.node();
                for (String room : record.rooms()) {
                  node.upkeep().leave(room, record.session(), record.user(), at);
                }
                node.upkeep().close(record.session());
              }
            });
  }

  private void openNew(ClientSession session, String secret, String hash) {
    session.open(session.id(), false, Set.of(), session.id() + '.' + secret, hash);
  }

  private void goOn(TakeOver ask, StateStore.SessionRecord record) {
    ClientSession session = ask.session();
    Set<String> memberships = new HashSet<>(record.rooms());
    ClientSession before = node.session(record.session());
    boolean lost = false;
    if (before != null) {
      SessionRooms.Superseded superseded = before.supersede();
      memberships.addAll(superseded.rooms());
      session.attendance().lastWritten().goOnFrom(before.attendance().lastWritten(), memberships);
      lost = ask.connected() && !superseded.connected();
    }
    node.counters().resumed.increment();
    boolean elsewhere = !record.node().equals(node.id());
    if (elsewhere) {
      session.storage().cameFrom(record.node(), memberships);
    }
    String resume = record.session() + '.' + ask.secret();
    session.open(record.session(), true, memberships, resume, ask.hash());
    if (elsewhere) {
      node.broker()
          .signal(new Control.Moved(record.session(), node.id(), ask.oldHash()).toJson())
          .whenComplete(node::noteFailure);
      session.storage().moveSeats();
    } else if (before == null || lost) {
      // Its time was over here, or its old connection, just when the store gave it back: the
      // store was told so afterwards.
      session.store();
    }
  }

  /** Another node has the session now. */
  void moved(Control.Moved moved) {
    ClientSession session = node.session(moved.session());
    if (session != null
        && !moved.node().equals(node.id())
        && session.hasSecret(moved.secretHash())) {
      session.movedAway();
    }
  }

  /** A resume string, taken apart; the secret itself is not kept. Immutable. */
  private record Resume(String session, String hash) {
    /** Returns null when there is none, or none that could be right. */
    static @Nullable Resume read(@Nullable String text) {
      int dot = text == null || text.length() > MAX_RESUME_LENGTH ? -1 : text.indexOf('.');
      return text == null || dot < 1
          ? null
          : new Resume(text.substring(0, dot), Ids.hash(text.substring(dot + 1)));
    }
  }
}
