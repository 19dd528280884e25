package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Limits;
import java.util.LinkedHashMap;
import java.util.Map;

/** How many nodes and masters a load needs, by what the parts cost. Immutable. */
final class Sizing {

  /** Of a core, so that there is room for a peak and for a node or a master that is away. */
  static final double USED = 0.6;

  static final int NODE_CORES = 4;
  static final double NODE_MEMORY = 6e9;
  static final double MASTER_MEMORY = 12e9;

  /** Half of 10 Gbit/s. */
  static final double NETWORK = 625e6;

  /** Everybody comes anew once in so many seconds. */
  static final double STAY_SECONDS = 3_600;

  /** As many masters as there may be would not do. */
  static final int NONE = 0;

  private static final int MOST = 100_000;
  private static final double MICROS = 1e-6;

  private final CostModel costs;
  private final Shape shape;
  private final double connections;

  /**
   * What is needed. Immutable.
   *
   * @param nodesFor what needs so many nodes
   * @param masters {@link #NONE} when no number of them is enough
   * @param mastersFor what needs so many masters
   * @param subscriptions how many nodes hear of a message
   * @param storeBytes that the store sends a second
   */
  record Need(
      double messages,
      double deliveries,
      int nodes,
      String nodesFor,
      int masters,
      String mastersFor,
      double subscriptions,
      double storeBytes) {}

  Sizing(CostModel costs, Shape shape, double connections) {
    this.costs = costs;
    this.shape = shape;
    this.connections = connections;
  }

  Need need() {
    int nodes = 1;
    while (worst(nodeUse(nodes)).getValue() > 1 && nodes < MOST) {
      nodes++;
    }
    int masters = 1;
    if (worst(masterUse(nodes, MOST)).getValue() > 1) {
      masters = NONE;
    }
    while (masters > 0 && worst(masterUse(nodes, masters)).getValue() > 1) {
      masters++;
    }
    double heard = subscriptions(nodes);
    return new Need(
        messages(),
        deliveries(),
        nodes,
        worst(nodeUse(Math.max(1, nodes - 1))).getKey(),
        masters,
        worst(masterUse(nodes, masters == NONE ? MOST : Math.max(1, masters - 1))).getKey(),
        heard,
        messages() * heard * costs.subscriberBytes());
  }

  private double messages() {
    return shape.rooms(connections) * shape.messagesPerRoom;
  }

  private double deliveries() {
    return messages() * shape.members(connections);
  }

  /** How many of so many nodes have a member of a room, when members are anywhere. */
  double subscriptions(int nodes) {
    return nodes * -Math.expm1(shape.members(connections) * Math.log1p(-1.0 / nodes));
  }

  /** How much of what a node has each thing uses: 1 is all that it may. */
  private Map<String, Double> nodeUse(int nodes) {
    double comings = connections / STAY_SECONDS;
    double cpu =
        messages() * costs.publication()
            + messages() * (subscriptions(nodes) - 1) * costs.announcement()
            + comings * costs.nodeComing();
    double sending = deliveries() * costs.delivery();
    double perRoom =
        shape.messagesPerRoom * shape.members(connections) / nodes * costs.delivery() * MICROS;
    Map<String, Double> use = new LinkedHashMap<>();
    use.put("connections of a node", connections / nodes / Limits.DEFAULTS.connections());
    use.put("memory of nodes", connections * costs.connectionBytes() / nodes / NODE_MEMORY);
    use.put(
        sending > cpu ? "CPU of nodes: writing to members" : "CPU of nodes: messages",
        (cpu + sending) * MICROS / nodes / NODE_CORES / USED);
    use.put("one thread writes to a room's members", perRoom / USED);
    use.put("network of nodes", deliveries() * costs.deliveryBytes() / nodes / NETWORK);
    return use;
  }

  private Map<String, Double> masterUse(int nodes, int masters) {
    double heard = subscriptions(nodes);
    double message = costs.script() + costs.message() + heard * costs.subscriber();
    double retained =
        Math.min(
            Limits.DEFAULTS.historyCount(),
            shape.messagesPerRoom * Limits.DEFAULTS.historyAge().toSeconds());
    double memory =
        shape.rooms(connections) * (costs.roomBytes() + retained * costs.messageBytes())
            + connections * costs.sessionBytes();
    double said = messages() * message / masters;
    double comings = connections / STAY_SECONDS * costs.coming() / masters;
    // Leases and notices are in one slot each: taken as if every master had them.
    double leases = nodes * costs.idleNode();
    String most =
        said > comings && said > leases ? "messages" : comings > leases ? "comings" : "leases";
    Map<String, Double> use = new LinkedHashMap<>();
    use.put("memory of masters", memory / masters / MASTER_MEMORY);
    use.put("CPU of masters: " + most, (said + comings + leases) * MICROS / USED);
    use.put("CPU of one room's master", shape.messagesPerRoom * message * MICROS / USED);
    use.put("network of masters", messages() * heard * costs.subscriberBytes() / masters / NETWORK);
    return use;
  }

  private static Map.Entry<String, Double> worst(Map<String, Double> use) {
    return use.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
  }
}
