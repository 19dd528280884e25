package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The administration page, on two nodes. */
class AdminTest {

  private static final String KEY = "a-key-of-an-administrator";

  @TempDir Path data;

  @BeforeAll
  static void requireBrowser() {
    Browser.require();
  }

  private static String userId(Browser window) {
    return window.strings("return [document.querySelector('#members li').dataset.user]").get(0);
  }

  @Test
  void nodesRoomsAndConnectionsAreShownAndWhatTheButtonsSayIsDone() throws Exception {
    Path keys = Files.writeString(data.resolve("keys"), KEY);
    try (DemoProcess demo =
            DemoProcess.start(data, "--workers", "2", "--api-key-file", keys.toString());
        Browser ann = Browser.open(demo.url(), "Ann");
        Browser bob = Browser.open(demo.url(), "Bob");
        Browser admin = Browser.openAt(demo.url() + "/admin", "Administrator")) {
      Browser.spread(ann, bob);
      Set<String> nodes = new TreeSet<>(List.of(ann.node(), bob.node()));
      admin.refusalIsExpected();
      admin.element("key").sendKeys("not-the-key-of-anybody" + Keys.ENTER);
      Browser.await(() -> admin.text("login-problem").contains("no API key of this server"));
      assertFalse(admin.shows("[data-testid=admin-room]"));
      admin.element("key").clear();
      admin.element("key").sendKeys(KEY + Keys.ENTER);

      Browser.await(() -> admin.text("summary").equals("2 nodes · 2 connections"));
      Browser.await(
          () -> admin.number("document.querySelector('#all-rooms .name')?.clientWidth ?? 0") > 50);
      Browser.awaitAsserted(
          () ->
              assertEquals(
                  nodes,
                  new TreeSet<>(
                      admin.strings(
                          "return [...document.querySelectorAll('[data-testid=admin-node]')]"
                              + ".filter(row => row.children[2].textContent === '1')"
                              + ".map(row => row.dataset.node)"))));
      // Somebody talks until the plot shows it.
      Browser.await(
          () -> {
            ann.say("hello");
            return admin.number(
                    "Math.max(...document.querySelectorAll('.plot')[1].querySelector('.line')"
                        + ".getAttribute('points').split(' ').map(p => 76 - p.split(',')[1]))")
                > 10;
          });
      Browser.await(() -> admin.text("plot-connections").equals("2"));

      ann.say("/join secret plans");
      Browser.await(() -> admin.shows("[data-room='secret plans']"));
      admin.element("prefix").sendKeys("secret");
      Browser.await(() -> !admin.shows("[data-room=general]"));
      admin.click("[data-room='secret plans'] [data-testid=destroy]");
      admin.click("[data-testid=dialog-ok]");
      Browser.await(() -> ann.logText().contains("it was ended"));
      Browser.await(() -> !admin.shows("[data-room='secret plans']"));
      admin.element("prefix").clear();
      admin.element("prefix").sendKeys("g");
      Browser.await(() -> admin.shows("[data-room=general]"));

      String annId = userId(ann);
      admin.click("[data-room=general] [data-testid=who]");
      String row = "[data-user='" + annId + "'] ";
      Browser.await(() -> admin.shows(row + "[data-testid=mute-here]"));
      admin.click(row + "[data-testid=mute-here]");
      Browser.await(() -> admin.text("done").contains("Ann is muted in # general"));
      ann.say("can anybody hear me?");
      Browser.await(() -> ann.shows("[data-testid=send-again]"));

      String bobId = userId(bob);
      admin.element("user").sendKeys(bobId);
      admin.click("[data-testid=mute]");
      admin.click("[data-testid=dialog-ok]");
      Browser.await(() -> admin.text("done").equals(bobId + " is muted."));
      bob.say("and me?");
      Browser.await(() -> bob.shows("[data-testid=send-again]"));
      bob.connectionMayBreak();
      admin.click("[data-testid=disconnect]");
      Browser.await(() -> bob.state().equals("closed"));
      assertEquals("You are disconnected.", bob.find("#banner-text").getText());
      Browser.await(() -> admin.text("summary").equals("2 nodes · 1 connection"));
    }
  }

  @Test
  void withoutKeysTheServerSaysSo() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser admin = Browser.openAt(demo.url() + "/admin/", "Administrator")) {
      admin.refusalIsExpected();
      admin.element("key").sendKeys(KEY + Keys.ENTER);
      Browser.await(() -> admin.text("login-problem").contains("--api-key-file"));
    }
  }
}
