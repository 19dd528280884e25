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

/** What people do with messages, in real browsers on two nodes. */
class TalkTest {

  @TempDir Path data;

  @BeforeAll
  static void requireBrowser() {
    Browser.require();
  }

  private static List<String> reactions(Browser window) {
    return window.strings(
        "return [...document.querySelectorAll('#log .reaction')]"
            + ".map(chip => chip.textContent + ' ' + chip.ariaPressed)");
  }

  @Test
  void messagesAreAnsweredReactedToEditedAndDeletedOnBothNodes() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data, "--workers", "2");
        Browser ann = Browser.open(demo.url(), "Ann");
        Browser bob = Browser.open(demo.url(), "Bob")) {
      Browser.spread(ann, bob);
      ann.say("tea or coffee?");
      Browser.await(() -> bob.texts().equals(List.of("tea or coffee?")));

      bob.choose("tea or coffee?");
      bob.click("[data-testid=action-reply]");
      Browser.await(() -> bob.text("context").contains("Replying to Ann: tea or coffee?"));
      bob.say("tea");
      Browser.await(() -> bob.texts().size() == 2);
      Browser.await(() -> ann.text("quote").equals("Ann tea or coffee?"));
      assertFalse(bob.element("context").isDisplayed(), "the answer was given");

      bob.choose("tea or coffee?");
      bob.click("[data-testid=action-react]");
      bob.click("#actions [data-emoji='👍']");
      Browser.await(() -> reactions(ann).equals(List.of("👍 1 false")));
      ann.click("#log .reaction");
      Browser.await(() -> reactions(bob).equals(List.of("👍 2 true")));
      bob.click("#log .reaction");
      Browser.await(() -> reactions(ann).equals(List.of("👍 1 true")));

      ann.press(Keys.ESCAPE);
      ann.run("document.getElementById('text').focus()");
      ann.press(Keys.ARROW_UP);
      Browser.await(() -> ann.text("context").startsWith("Editing: tea or coffee?"));
      assertEquals("tea or coffee?", ann.element("composer").getAttribute("value"));
      ann.say(" Or cocoa?");
      String edited = "tea or coffee? Or cocoa?";
      Browser.await(() -> bob.texts().equals(List.of(edited, "tea")));
      assertTrue(bob.shows("#log .edited"));
      Browser.await(() -> bob.text("quote").equals("Ann " + edited));
      assertEquals(List.of("👍 1 false"), reactions(bob));

      bob.choose(edited);
      assertFalse(bob.element("action-edit").isDisplayed(), "it is not Bob's");
      assertFalse(bob.element("action-remove").isDisplayed(), "Bob moderates nothing");

      ann.choose(edited);
      ann.click("[data-testid=action-remove]");
      ann.click("[data-testid=dialog-cancel]");
      ann.choose(edited);
      ann.click("[data-testid=action-remove]");
      ann.click("[data-testid=dialog-ok]");
      for (Browser window : List.of(ann, bob)) {
        Browser.await(() -> window.texts().equals(List.of("This message was deleted.", "tea")));
        Browser.await(() -> window.text("quote").equals("Ann deleted"));
        assertEquals(List.of(), reactions(window));
      }
      // Who comes later sees the same.
      bob.reload();
      Browser.awaitAsserted(
          () -> assertEquals(List.of("This message was deleted.", "tea"), bob.texts()));
    }
  }

  @Test
  void aConversationIsForTwoAndReachesTheOtherNodeWithItsBadge() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data, "--workers", "2");
        Browser ann = Browser.open(demo.url(), "Ann");
        Browser bob = Browser.open(demo.url(), "Bob Stone");
        Browser eve = Browser.open(demo.url(), "Eve")) {
      Browser.spread(ann, bob);
      Browser.await(() -> ann.members().size() == 3 && bob.members().size() == 3);
      ann.say("/msg bob stone only for you");
      Browser.await(() -> ann.texts().equals(List.of("only for you")));
      assertTrue(ann.text("composer").isEmpty());
      String badge = "[data-testid=conversation-item] [data-testid=unread]";
      Browser.await(() -> bob.find(badge).getText().equals("@ 1"));
      Browser.await(() -> bob.title().startsWith("(1) "));
      assertEquals("", ann.text("seen"));
      bob.click("[data-testid=conversation-item]");
      Browser.await(() -> bob.texts().equals(List.of("only for you")));
      Browser.await(() -> !bob.title().startsWith("("));
      assertTrue(bob.shows("[data-testid=last-read]"), "where Bob has read to");
      Browser.await(() -> ann.text("seen").equals("Seen"));

      bob.say("thank you");
      Browser.await(() -> ann.texts().equals(List.of("only for you", "thank you")));
      bob.choose("only for you");
      bob.click("[data-testid=action-react]");
      bob.click("#actions [data-emoji='🙏']");
      Browser.await(() -> reactions(ann).equals(List.of("🙏 1 false")));
      assertFalse(eve.shows("[data-testid=conversation-item]"), "Eve has nothing of it");

      ann.say("/block Bob Stone");
      Browser.await(() -> ann.logText().contains("cannot write to you any more"));
      bob.say("are you there?");
      Browser.await(() -> bob.shows("[data-testid=send-again]"));
      ann.say("/msg Nobody hello");
      Browser.await(() -> ann.logText().contains("Nobody called Nobody has been seen here"));

      eve.click("[data-testid=member]:last-child .person");
      eve.click("[data-testid=member]:last-child [data-testid=do-write-to]");
      eve.say("psst");
      Browser.await(() -> bob.find(badge).getText().equals("@ 1"));
    }
  }

  @Test
  void mentionsAreCompletedMarkedAndToldWhoIsAway() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser ann = Browser.open(demo.url(), "Ann");
        Browser bob = Browser.open(demo.url(), "Bob Stone")) {
      Browser.await(() -> ann.members().size() == 2);
      bob.run(
          """
          window.shown = [];
          window.Notification = class {
            static permission = 'default';
            static async requestPermission() { Notification.permission = 'granted'; }
            constructor(title, { body }) { window.shown.push(title + ': ' + body); }
          };
          """);
      ann.say("@Bob Stone before anybody allowed it");
      bob.click("[data-testid=notify]");
      Browser.await(() -> "true".equals(bob.element("notify").getAttribute("aria-pressed")));
      ann.say("@Bob Stone while Bob looks");
      Browser.await(() -> bob.texts().size() == 2);
      bob.inBackground(true);
      Browser.await(() -> ann.text("status").isEmpty() && ann.shows("[data-status=away]"));

      ann.type("ask @bo");
      Browser.await(() -> ann.text("completion").equals("@Bob Stone"));
      ann.press(Keys.TAB);
      assertEquals("ask @Bob Stone ", ann.element("composer").getAttribute("value"));
      ann.say("please");
      ann.say("mail bob@Bob Stone or ask @Bobby");
      Browser.await(
          () ->
              bob.strings("return window.shown")
                  .equals(List.of("Ann in # general: ask @Bob Stone please")));
      Browser.await(() -> bob.title().startsWith("(2) "));
      assertEquals(
          List.of("@Bob Stone", "@Bob Stone", "@Bob Stone"),
          ann.strings(
              "return [...document.querySelectorAll('#log .mention')].map(m => m.textContent)"));
      assertEquals(3, bob.number("document.querySelectorAll('#log .for-me .to-me').length"));
      bob.inBackground(false);
      Browser.await(() -> !bob.title().startsWith("("));
      Browser.await(() -> !ann.shows("[data-status=away]"));
      assertTrue(bob.shows("[data-testid=last-read]"));
    }
  }

  @Test
  void draftsAreKeptPerRoomAndOverAReload() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser ann = Browser.open(demo.url(), "Ann")) {
      ann.type("begun in general");
      ann.room("random").click();
      assertEquals("", ann.element("composer").getAttribute("value"));
      ann.type("begun in random");
      ann.room("general").click();
      assertEquals("begun in general", ann.element("composer").getAttribute("value"));
      ann.reload();
      assertEquals("begun in general", ann.element("composer").getAttribute("value"));
      ann.say(", said");
      ann.room("random").click();
      assertEquals("begun in random", ann.element("composer").getAttribute("value"));
      ann.reload();
      assertEquals("", ann.element("composer").getAttribute("value"));
    }
  }

  @Test
  void theMessagesThatAreLoadedAreSearched() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Publisher publisher = new Publisher(demo.url(), "Bob");
        Browser ann = Browser.open(demo.url(), "Ann")) {
      for (int i = 1; i <= 40; i++) {
        publisher.publish("general", i % 10 == 0 ? "A Needle, number " + i : "hay " + i);
      }
      Browser.await(() -> ann.texts().size() == 40);
      ann.say("/search needle");
      Browser.await(() -> ann.text("search-count").equals("4 of 4"));
      assertTrue(ann.truth("CSS.highlights.get('found').size === 4"));
      ann.press(Keys.ENTER, Keys.ENTER, Keys.ENTER);
      Browser.await(() -> ann.text("search-count").equals("1 of 4"));
      Browser.await(() -> isInView(ann, "A Needle, number 10"));
      publisher.publish("general", "one more needle");
      Browser.await(() -> ann.text("search-count").equals("1 of 5"));
      ann.element("search-text").sendKeys("s");
      Browser.await(() -> ann.text("search-count").equals("nothing found"));
      ann.press(Keys.ESCAPE);
      assertFalse(ann.element("search-text").isDisplayed());
      assertFalse(ann.truth("CSS.highlights.get('found')"));
    }
  }

  private static boolean isInView(Browser window, String text) {
    return window.truth(
        """
        (line => {
          const box = line.getBoundingClientRect();
          const view = document.getElementById('scroll').getBoundingClientRect();
          return box.top >= view.top && box.bottom <= view.bottom;
        })([...document.querySelectorAll('#log .body')].find(b => b.textContent === '%s'))
        """
            .formatted(text));
  }

  @Test
  void filesAreRefusedAndThatIsSaid() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser ann = Browser.open(demo.url(), "Ann")) {
      String transfer =
          """
          const data = new DataTransfer();
          data.items.add(new File(['x'], 'report.pdf'));
          """;
      ann.run(
          transfer
              + """
              const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
              document.getElementById('scroll').dispatchEvent(drop);
              window.kept = drop.defaultPrevented;
              """);
      Browser.await(() -> ann.logText().contains("Files cannot be sent here: report.pdf"));
      assertTrue(ann.truth("window.kept"), "the browser does not leave for the file");
      ann.run(
          transfer.replace("report.pdf", "picture.png")
              + """
              document.getElementById('text').dispatchEvent(
                new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
              """);
      Browser.await(() -> ann.logText().contains("Files cannot be sent here: picture.png"));
    }
  }

  @Test
  void whatWaitsForTheConnectionIsMarkedAndGoesOutAfterwards() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data, "--workers", "2");
        Browser ann = Browser.open(demo.url(), "Ann");
        Browser bob = Browser.open(demo.url(), "Bob")) {
      Browser.spread(ann, bob);
      List.of(ann, bob).forEach(Browser::connectionMayBreak);
      ann.say("before");
      Browser.await(() -> bob.texts().equals(List.of("before")));
      // No other connection, until it may be.
      ann.run(
          """
          const Socket = WebSocket;
          window.mend = () => { window.WebSocket = Socket; };
          window.WebSocket = class {
            constructor() { setTimeout(() => this.onclose({ code: 1006 })); }
            close() {}
          };
          """);
      demo.workers().forEach(ProcessHandle::destroyForcibly);
      Browser.await(() -> ann.state().equals("connecting"));
      ann.say("one");
      ann.say("two");
      Browser.awaitAsserted(
          () ->
              assertEquals(
                  List.of("one Waits for the connection", "two Waits for the connection"),
                  ann.strings(
                      """
                      return [...document.querySelectorAll('#pending .message')].map(
                        m => m.querySelector('.body').textContent + ' ' + m.querySelector('.status').textContent)
                      """)));
      Browser.await(() -> ann.find("#banner").getText().contains("2 messages wait."));
      ann.run("window.mend()");
      ann.click("#again");
      for (Browser window : List.of(ann, bob)) {
        Browser.await(() -> window.texts().equals(List.of("before", "one", "two")));
      }
      Browser.await(() -> !ann.shows("#pending .message") && !ann.shows("#banner"));
    }
  }
}
