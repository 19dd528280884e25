package dev.roomcast.chat;

/**
 * What a node did and holds, at one moment.
 *
 * <p>Immutable.
 *
 * @param node the node's id
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
 */
public record ChatStats(
    String node,
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
    long backendFailures) {

  /** These figures as a JSON object, as {@code GET /api/stats} gives them. */
  public Json toJson() {
    return Json.trusted(
        new JsonText(512)
            .field("node", node)
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
            .end());
  }
}
