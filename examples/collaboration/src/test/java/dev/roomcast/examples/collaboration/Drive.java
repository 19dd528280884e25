package dev.roomcast.examples.collaboration;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Uses two instances as a browser's page and a colleague would, and ends with 0 when all went as it
 * should: {@code drive.sh} starts them.
 */
final class Drive {

  private static final String PATH = "/workspaces/demo/applications/till";

  private Drive() {}

  /** Takes host and port of both instances, and the file with the JWT secret. */
  public static void main(String[] args) throws Exception {
    byte[] secret = Files.readAllBytes(Path.of(args[2]));
    Watcher ann = new Watcher("ann", "demo", secret, args[0]);
    Watcher bob = new Watcher("bob", "demo", secret, args[1]);
    ann.subscribe("till");
    say("ann subscribed on the first instance: application_response");

    ann.command("subscribe", "till", "none of ours");
    ann.awaitFrame("\"type\":\"error\",\"re\":1,\"code\":\"unauthorized\"");
    ann.command("subscribe", "till", Watcher.token("bob", secret));
    ann.awaitFrame("token: not of the user who is connected");
    say("a wrong token, and one of somebody else, were refused");

    HttpResponse<String> answer = bob.put(PATH, "{\"name\":\"Till 2\"}");
    expect(answer.statusCode() == 200, "PUT: " + answer.statusCode() + " " + answer.body());
    ann.awaitFrame("\"name\":\"application_updated\",\"data\":{\"name\":\"Till 2\"}");
    say("bob put on the second instance " + answer.body() + ", ann has the update");

    Watcher eve = new Watcher("eve", "demo", secret, args[1]);
    eve.command("subscribe", "till", Watcher.token("eve", secret));
    eve.awaitFrame("workspace: you are no member of it");
    expect(eve.put(PATH, "{}").statusCode() == 403, "eve changed an application");
    say("eve, who is no member, neither hears nor changes anything");

    ann.command("unsubscribe", "till", Watcher.token("ann", secret));
    ann.awaitFrame("\"status\":\"unsubscribed\"");
    bob.subscribe("till");
    bob.awaitFrame("\"data\":{\"name\":\"Till 2\"}");
    say("bob subscribed later and has the newest state; ann is off");
    System.exit(0);
  }

  private static void say(String done) {
    System.out.println("ok: " + done);
  }

  private static void expect(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
