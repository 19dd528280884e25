package dev.roomcast.examples.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Everybody who takes part in one attack, and what became of them. Confined to the loop's thread.
 */
final class Crowd {

  private static final Pattern ERROR = Pattern.compile("\"type\":\"error\".*?\"code\":\"(\\w+)\"");
  private static final int RAMP_MS = 5;
  private static final int DRIP_MS = 1_000;
  private static final int FIRST_ADDRESS = 10;

  private final Loop loop;
  private final InetSocketAddress server;
  private final Attack attack;
  private final Random random = new Random(1);
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final java.util.Set<Attacker> open = new java.util.HashSet<>();
  private boolean ended;

  Crowd(Loop loop, URI server, Attack attack) {
    this.loop = loop;
    this.server = new InetSocketAddress(server.getHost(), server.getPort());
    this.attack = attack;
  }

  void begin() {
    for (int i = 0; i < attack.connections(); i++) {
      int number = i;
      loop.after((long) i * RAMP_MS, () -> connect(number));
    }
  }

  private void connect(int number) {
    if (ended) {
      return;
    }
    String from = "127.0.0." + (FIRST_ADDRESS + number % attack.addresses());
    try {
      open.add(Attacker.connect(loop, server, from, new Part(number)));
    } catch (IOException e) {
      note("no connection");
      comeBack(number);
    }
  }

  private void comeBack(int number) {
    if (attack.again()) {
      loop.after(1, () -> connect(number));
    }
  }

  private void note(String outcome) {
    outcomes.merge(outcome, 1, Integer::sum);
  }

  /** One of them. */
  private final class Part implements Attacker.Script {
    private final int number;

    Part(int number) {
      this.number = number;
    }

    @Override
    public void connected(Attacker attacker) throws IOException {
      attacker.send(attack.request().of(random::nextLong));
      if (!attack.drip().isEmpty()) {
        drip(attacker);
      }
    }

    private void drip(Attacker attacker) {
      loop.after(
          DRIP_MS,
          () -> {
            if (!attacker.over() && !ended) {
              try {
                attacker.send(attack.drip());
                drip(attacker);
              } catch (IOException e) {
                attacker.cut();
              }
            }
          });
    }

    @Override
    public void upgraded(Attacker attacker) throws IOException {
      note("101");
      attack.upgraded().begin(attacker);
    }

    @Override
    public void text(Attacker attacker, String text) {
      Matcher error = ERROR.matcher(text);
      if (error.find()) {
        note(error.group(1));
      }
    }

    @Override
    public void over(Attacker attacker, String how) {
      open.remove(attacker);
      if (!ended) {
        if (!how.equals("left")) {
          note(how);
        }
        comeBack(number);
      }
    }
  }

  /** Ends the attack: whoever is still there goes, and all is told. */
  Map<String, Integer> end() {
    ended = true;
    if (!open.isEmpty()) {
      outcomes.put("still there", open.size());
    }
    for (Attacker attacker : java.util.List.copyOf(open)) {
      attacker.cut();
    }
    return outcomes;
  }
}
