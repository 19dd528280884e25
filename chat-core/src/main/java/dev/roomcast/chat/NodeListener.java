package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;

/**
 * Hears what the backend tells a node, and hands it to whom it concerns. Others wait for the thread
 * that calls it, so it only looks things up. Immutable; thread-safe.
 */
final class NodeListener implements BackendListener {

  private final ChatNode node;

  NodeListener(ChatNode node) {
    this.node = node;
  }

  /** Takes what was announced, by this node or another; the room puts it in order. */
  @Override
  public void onPublications(String name, List<Publication> publications) {
    node.measures().busyRooms.heard(name, publications.size());
    Room room = node.localRooms().find(name);
    if (room != null) {
      room.onPublications(publications);
    }
  }

  @Override
  public void onEphemeral(String name, Json frame) {
    Room room = node.localRooms().find(name);
    if (room != null) {
      room.onEphemeral(frame);
    }
  }

  @Override
  public void onPresence(String name, PresenceChange change) {
    Room room = node.localRooms().find(name);
    if (room != null) {
      room.onPresence(change);
    }
    if (!change.present()) {
      node.users().of(change.user().id()).forEach(session -> session.storage().keepSeat(name));
    }
  }

  @Override
  public void onDirect(String name, List<Publication> publications) {
    node.conversations().onDirect(name, publications);
  }

  @Override
  public void onTold(String user, Json frame) {
    node.conversations().onTold(user, frame);
  }

  @Override
  public void onDirectGap(Duration last) {
    node.conversations().onGap(last);
  }

  @Override
  public void onGap(String name) {
    node.housekeeping().missed();
    Room room = node.localRooms().find(name);
    if (room != null) {
      room.onGap();
    }
  }

  @Override
  public void onConnection(boolean up) {
    Counters counters = node.counters();
    (up ? counters.storeConnections : counters.storeConnectionsLost).increment();
  }

  @Override
  public void onRoundTrip(long nanos) {
    node.measures().storeRoundTrip.add(nanos);
  }

  @Override
  public void onBatch(int drafts) {
    node.measures().storeBatch.add(drafts);
  }

  @Override
  public void onTooFewReplicas(int drafts) {
    node.counters().tooFewReplicas.add(drafts);
  }

  @Override
  public void onSkipped() {
    node.counters().skipped.increment();
  }

  @Override
  public void onControl(Json json) {
    Control control = Control.read(json);
    if (control instanceof Control.Moved moved) {
      node.reception().moved(moved);
    } else if (control instanceof Control.Look) {
      node.moderation().notices().read().whenComplete(node::noteFailure);
    } else {
      node.counters().skipped.increment();
    }
  }
}
