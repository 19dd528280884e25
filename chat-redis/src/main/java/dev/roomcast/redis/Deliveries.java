package dev.roomcast.redis;

import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what was announced to the node, one thing at a time. Thread-safe. */
final class Deliveries {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");

  private final BackendListener listener;
  private boolean skipped;

  Deliveries(BackendListener listener) {
    this.listener = listener;
  }

  /** Hands over what came in on a room's channel, or, without a room, on that of this node. */
  void deliver(String room, byte[] payload) {
    guarded(() -> handOver(room, payload));
  }

  void control(byte[] payload) {
    guarded(() -> listener.onControl(Json.ofUtf8(payload, 0, payload.length)));
  }

  private void handOver(String room, byte[] payload) {
    Announcement announcement = Announcement.read(room, payload);
    if (announcement instanceof Announcement.Logged logged) {
      listener.onPublications(room, logged.publications());
    } else if (announcement instanceof Announcement.Ephemeral ephemeral) {
      listener.onEphemeral(room, ephemeral.frame());
    } else if (announcement instanceof Announcement.Direct direct) {
      listener.onDirect(direct.room(), direct.publications());
    } else if (announcement instanceof Announcement.Told told) {
      listener.onTold(told.user(), told.frame());
    } else if (announcement instanceof Announcement.Edge edge) {
      listener.onPresence(room, edge.change());
    } else {
      if (!skipped) {
        skipped = true;
        log.warn(
            "a newer release announces what this one does not know. It is skipped, so clients of"
                + " this node do not see it; finish the upgrade of all nodes");
      }
      listener.onSkipped();
    }
  }

  /** Tells the node something; nothing else is told meanwhile. */
  synchronized void guarded(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      log.error(
          "an announcement could not be delivered. Rooms read their logs when an offset is missing;"
              + " this is a fault, report it",
          e);
    }
  }
}
