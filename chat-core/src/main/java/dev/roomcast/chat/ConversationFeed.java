package dev.roomcast.chat;

import java.util.List;
import java.util.function.Predicate;

/**
 * What a room that is a conversation adds: the sessions of its two users on this node get its
 * frames without having joined.
 *
 * <p>The room hears of a frame by {@link BackendListener#onDirect}, whether it is subscribed or
 * not; from then on it is subscribed to for a while, like any room with members, and puts in order
 * and repairs what comes for both. {@code from} is where it began to deliver: what is told at or
 * below it, and above {@code told}, was on its way when the room began. Confined to the room's
 * turns.
 */
final class ConversationFeed {

  private final ChatNode node;
  private final Conversation conversation;
  private Position from = Position.NONE;
  private long told;

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

  /** The position from which a room that knows none delivers, when it is told of this first. */
  Position start(Position first) {
    Position last = node.conversations().last(conversation.room());
    return last.epoch().equals(first.epoch()) ? last : first.at(first.offset() - 1);
  }

  /** The room delivers everything after this position. */
  void begins(Position position) {
    from = position;
    Position last = node.conversations().last(conversation.room());
    told = last.epoch().equals(position.epoch()) ? last.offset() : 0;
  }

  /** Sends what was on its way when the room began, and would be missed by who has not joined. */
  void late(List<Publication> batch, Predicate<ClientSession> isHere) {
    for (Publication publication : batch) {
      boolean early =
          publication.epoch().equals(from.epoch())
              && publication.offset() <= from.offset()
              && publication.offset() > told;
      if (early) {
        told = publication.offset();
        send(Frame.shared(FrameWriter.logged(publication)), 1, isHere);
      }
    }
  }

  /** The room is given up: who is told next goes on from here. */
  void ends(Position position) {
    node.conversations().delivered(conversation.room(), position);
  }
}
