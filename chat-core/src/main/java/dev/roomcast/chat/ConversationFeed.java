package dev.roomcast.chat;

import java.util.List;
import java.util.function.Predicate;

/**
 * What a room that is a conversation adds: the sessions of its two users on this node get its
 * frames without having joined.
 *
 * <p>The room hears of a frame by {@link BackendListener#onDirect}, whether it is subscribed or
 * not; from then on it is subscribed to for a while, like any room with members, and puts in order
 * and repairs what comes for both. What is told may come late and in any order, so it only says
 * that there is something: where the room begins to deliver is read from the log.
 *
 * <p>{@code told} is the first offset that was told and not delivered yet, of the epoch {@code
 * epoch}. Confined to the room's turns.
 */
final class ConversationFeed {

  /** So much of the log is read to find where to begin. */
  static final HistoryQuery BEGINNING = new HistoryQuery.Newest(100);

  private final ChatNode node;
  private final Conversation conversation;
  private String epoch = "";
  private long told = Long.MAX_VALUE;
  private boolean waiting;

  ConversationFeed(ChatNode node, Conversation conversation) {
    this.node = node;
    this.conversation = conversation;
  }

  /** Sends to the users' sessions but those that are here anyway. */
  void send(Frame frame, int publications, Predicate<ClientSession> isHere) {
    for (String user : conversation.users()) {
      for (ClientSession session : node.users().of(user)) {
        if (!isHere.test(session)) {
          session.send(frame);
          node.counters().delivered.add(publications);
        }
      }
    }
  }

  /** Notes what was told before the room has begun. */
  void tells(List<Publication> batch) {
    waiting = true;
    for (Publication publication : batch) {
      if (!publication.epoch().equals(epoch)) {
        epoch = publication.epoch();
        told = Long.MAX_VALUE;
      }
      told = Math.min(told, publication.offset());
    }
  }

  /** Whether something was told that the room has not begun to deliver. */
  boolean isWaiting() {
    return waiting;
  }

  /**
   * The position after which the room delivers, by the newest part of its log: where it was when it
   * was given up, but nothing that is older than the sessions here, unless it was told just now.
   */
  Position begins(History newest) {
    waiting = false;
    Position top = newest.top();
    long first = top.epoch().equals(epoch) ? told : Long.MAX_VALUE;
    long since = since();
    for (Publication publication : newest.publications()) {
      if (publication.ts() >= since) {
        first = Math.min(first, publication.offset());
        break;
      }
    }
    Position begin = top.at(Math.min(top.offset(), first - 1));
    Position last = node.conversations().last(conversation.room());
    return last.offset() >= begin.offset() ? last : begin;
  }

  /** When the oldest of the users' connections here began. */
  private long since() {
    long since = Long.MAX_VALUE;
    for (String user : conversation.users()) {
      for (ClientSession session : node.users().of(user)) {
        since = Math.min(since, session.openedAt());
      }
    }
    return since;
  }

  /** The room is given up: who is told next goes on from here. */
  void ends(Position position) {
    if (!position.equals(Position.NONE)) {
      node.conversations().delivered(conversation.room(), position);
    }
  }
}
