package dev.roomcast.chat;

import java.util.List;
import java.util.Map;

/**
 * What a node did and holds, at one moment. All figures are this node's own, but for {@code nodes}:
 * sum them up over those for the whole service.
 *
 * <p>Immutable.
 *
 * @param node the node's id
 * @param nodes all nodes that had a lease when this one last looked
 * @param uptimeSeconds since it started
 * @param connections sessions with a connection, on this node
 * @param users users with a connection, on this node
 * @param rooms rooms with local members, on this node
 * @param published frames logged through this node
 * @param delivered logged frames handed to members of this node
 * @param duplicatesDropped announcements of what had been delivered already
 * @param repairs times the log was read because an announcement was missing
 * @param gaps times members were told of frames that cannot be had any more
 * @param tooSlow connections closed because they did not read fast enough
 * @param abuse connections closed because they sent too much
 * @param rateLimited commands refused for their rate
 * @param invalidCommands commands refused for their form
 * @param resumed sessions taken over
 * @param reaped memberships of dead nodes that this node removed
 * @param skipped announcements and control messages of another release, which this one does not
 *     know
 * @param lateProbes canaries that did not come back through publish and subscribe in time
 * @param hooksLate calls of the application's code that took longer than {@code hookTimeout}
 * @param backendFailures background operations that the backend refused; they are tried again
 * @param limitHits how often each limit was reached, so that something was refused or closed
 */
public record ChatStats(
    String node,
    List<String> nodes,
    long uptimeSeconds,
    int connections,
    int users,
    int rooms,
    long published,
    long delivered,
    long duplicatesDropped,
    long repairs,
    long gaps,
    long tooSlow,
    long abuse,
    long rateLimited,
    long invalidCommands,
    long resumed,
    long reaped,
    long skipped,
    long lateProbes,
    long hooksLate,
    long backendFailures,
    Map<LimitHit, Long> limitHits) {

  /** Copies list and map. */
  public ChatStats {
    nodes = List.copyOf(nodes);
    limitHits = Map.copyOf(limitHits);
  }

  static ChatStats of(ChatNode node) {
    Counters counters = node.counters();
    return new ChatStats(
        node.id(),
        node.measures().health.nodes(),
        Math.max(0, node.clock().millis() - node.startedAt()) / 1_000,
        node.audience().connections(),
        node.audience().users(),
        node.localRooms().size(),
        counters.published.sum(),
        counters.delivered.sum(),
        counters.duplicatesDropped.sum(),
        counters.repairs.sum(),
        counters.gaps.sum(),
        counters.tooSlow.sum(),
        counters.abuse.sum(),
        counters.rateLimited.sum(),
        counters.invalidCommands.sum(),
        counters.resumed.sum(),
        counters.reaped.sum(),
        counters.skipped.sum(),
        counters.lateProbes.sum(),
        counters.hooksLate.sum(),
        counters.backendFailures.sum(),
        counters.limitHits.counts());
  }

  /** These figures as a JSON object, as {@code GET /api/stats} gives them. */
  public Json toJson() {
    return new JsonText(512)
        .field("node", node)
        .array("nodes", nodes.stream().map(JsonText::quote).toList())
        .field("uptime", uptimeSeconds)
        .field("connections", connections)
        .field("users", users)
        .field("rooms", rooms)
        .field("published", published)
        .field("delivered", delivered)
        .field("duplicatesDropped", duplicatesDropped)
        .field("repairs", repairs)
        .field("gaps", gaps)
        .field("tooSlow", tooSlow)
        .field("abuse", abuse)
        .field("rateLimited", rateLimited)
        .field("invalidCommands", invalidCommands)
        .field("resumed", resumed)
        .field("reaped", reaped)
        .field("skipped", skipped)
        .field("lateProbes", lateProbes)
        .field("hooksLate", hooksLate)
        .field("backendFailures", backendFailures)
        .field("limitHits", LimitHits.json(limitHits))
        .json();
  }
}
