package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** Rooms of one's own, and order in them, in real browsers on two nodes. */
class RoomsTest {

  @TempDir Path data;

  @BeforeAll
  static void requireBrowser() {
    Browser.require();
  }

  private static void create(Browser window, String room, String title, boolean isPrivate) {
    window.click("[data-testid=new-private]");
    window.element("ask-room").sendKeys(room);
    window.element("ask-title").sendKeys(title);
    if (isPrivate) {
      window.click("[data-testid=ask-private]");
    }
    window.click("[data-testid=dialog-ok]");
    Browser.await(
        () ->
            window.find("#title").getText().equals("# " + room)
                && window.members().equals(List.of("Ann")));
  }

  private static List<String> moderation(Browser window) {
    return window.strings(
        "return [...document.querySelectorAll('[data-testid=moderation]')]"
            + ".map(line => line.textContent.replace(/ \\S+( [AP]M)?$/, ''))");
  }

  @Test
  void aPrivateRoomIsMadeInvitedToAndModerated() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data, "--workers", "2");
        Browser ann = Browser.open(demo.url(), "Ann");
        Browser bob = Browser.open(demo.url(), "Bob Stone")) {
      Browser.spread(ann, bob);
      Browser.await(() -> ann.members().size() == 2);
      create(ann, "plans", "What comes next", true);
      assertEquals("private What comes next", ann.text("topic"));
      bob.say("/join plans");
      Browser.await(() -> bob.logText().contains("# plans cannot be joined"));

      ann.say("/invite Bob Stone");
      Browser.await(() -> bob.text("invitation").startsWith("Ann invites you to # plans"));
      bob.click("[data-testid=accept]");
      Browser.await(() -> ann.members().equals(List.of("Ann", "Bob Stone")));
      assertFalse(bob.shows("[data-testid=invitation]"));
      Browser.await(() -> moderation(ann).equals(List.of("Ann invited Bob Stone")));

      ann.say("/mute Bob Stone 10m too loud");
      Browser.await(() -> moderation(ann).contains("Ann muted Bob Stone for 10 min: too loud"));
      bob.say("may I?");
      Browser.await(() -> bob.text("send-again").equals("Send again"));
      bob.find("#pending .quiet").click();
      ann.say("/unmute Bob Stone");
      Browser.await(() -> moderation(ann).contains("Ann let Bob Stone speak again"));
      bob.say("thank you");
      Browser.await(() -> ann.texts().equals(List.of("thank you")));
      assertEquals(List.of(), moderation(bob), "Bob moderates nothing");

      ann.choose("thank you");
      ann.click("[data-testid=action-remove]");
      ann.click("[data-testid=dialog-ok]");
      Browser.await(() -> bob.texts().equals(List.of("This message was deleted.")));
      ann.say("/topic All that comes next");
      Browser.await(() -> bob.text("topic").contains("All that comes next"));
      bob.say("/topic mine");
      Browser.await(() -> bob.find("#log .note.error").isDisplayed());

      ann.say("/slow 1h");
      Browser.await(() -> ann.logText().contains("Each member may say one thing in 1 h"));
      bob.say("one");
      bob.say("two");
      Browser.await(() -> bob.find("#pending").getText().contains("one message in 3600 s here"));
      Browser.await(() -> ann.texts().contains("one"));
      assertFalse(ann.texts().contains("two"));
      ann.say("/slow soon");
      Browser.await(() -> ann.logText().contains("How slow? /slow 30s, or /slow off"));
      ann.say("/slow off");
      Browser.await(() -> ann.logText().contains("# plans is not slow any more."));
      bob.click("[data-testid=send-again]");
      Browser.await(() -> ann.texts().contains("two"));

      // By the list of people, with a question first.
      ann.click("[data-testid=member]:last-child .person");
      ann.click("[data-testid=do-take-out]");
      ann.element("ask-reason").sendKeys("enough");
      ann.click("[data-testid=dialog-ok]");
      Browser.await(
          () -> bob.logText().contains("not in # plans any more: a moderator took you out"));
      assertTrue(moderation(ann).contains("Ann took Bob Stone out of the room: enough"));
      Browser.await(() -> bob.shows("[data-room=plans]"));
      bob.room("plans").click();
      Browser.await(() -> ann.members().size() == 2);
      ann.say("/ban Bob Stone 1d spam");
      Browser.await(() -> bob.logText().contains("not in # plans any more: you are banned"));
      bob.say("/join plans");
      Browser.await(() -> bob.logText().contains("cannot be joined"));
      assertTrue(moderation(ann).contains("Ann banned Bob Stone for 1 d: spam"));
    }
  }

  @Test
  void commandsSayWhatTheyWantAndWhatWentWrong() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser ann = Browser.open(demo.url(), "Ann")) {
      ann.say("/help");
      Browser.await(() -> ann.logText().contains("/msg NAME TEXT"));
      for (String command :
          List.of("topic", "invite", "kick", "mute", "ban", "block", "search", "me")) {
        assertTrue(ann.logText().contains("/" + command + " "), command);
      }
      awaitNote(ann, "/mut Bob", "There is no command /mut. Did you mean /m");
      awaitNote(ann, "/mute", "Whom? /mute NAME [10m] [WHY]");
      awaitNote(ann, "/kick Zoe", "Nobody called Zoe has been seen here");
      awaitNote(ann, "/block Ann", "That is you.");
      ann.say("//not a command");
      Browser.await(() -> ann.texts().equals(List.of("/not a command")));
      ann.type("/to");
      Browser.await(() -> ann.text("completion").equals("/topic"));
      ann.press(Keys.ENTER);
      assertEquals("/topic ", ann.element("composer").getAttribute("value"));
      ann.press(Keys.ENTER);
      Browser.await(() -> ann.logText().contains("Nobody has said what this room is about"));
    }
  }

  private static void awaitNote(Browser window, String said, String answer) {
    window.say(said);
    Browser.await(() -> window.logText().contains(answer));
  }

  @Test
  void whatWasNotReadIsBelowALineAlsoForWhoComesBack() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Publisher bob = new Publisher(demo.url(), "Bob");
        Browser ann = Browser.open(demo.url(), "Ann")) {
      ann.room("random").click();
      bob.publish("random", "seen");
      Browser.await(() -> ann.texts().equals(List.of("seen")));
      ann.room("general").click();
      for (int i = 1; i <= 40; i++) {
        bob.publish("random", "new " + i);
      }
      Browser.await(() -> ann.unread("random").equals("40"));
      ann.room("random").click();
      Browser.await(() -> ann.texts().size() == 41);
      String line =
          "document.querySelector('[data-testid=last-read]').nextElementSibling"
              + ".querySelector('.body').textContent";
      Browser.await(() -> ann.strings("return [" + line + "]").equals(List.of("new 1")));
      // Reading begins at the line, and the rest is one press away.
      Browser.await(() -> ann.element("newest").isDisplayed());
      assertTrue(
          ann.truth(
              "document.querySelector('[data-testid=last-read]').getBoundingClientRect().top"
                  + " >= document.getElementById('scroll').getBoundingClientRect().top"));
      ann.element("newest").click();
      Browser.await(() -> !ann.element("newest").isDisplayed());
      ann.room("general").click();
      ann.room("random").click();
      Browser.await(() -> !ann.shows("[data-testid=last-read]"));
    }
  }
}
