package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page in real browsers, on real server processes. */
class PageTest {

  private static final String PENDING =
      "return [...document.querySelectorAll('#pending li')]"
          + ".map(m => m.dataset.state + ' ' + m.querySelector('.body').textContent)";

  @TempDir Path data;

  @BeforeAll
  static void requireBrowser() {
    Browser.require();
  }

  @Test
  void windowsOnTwoWorkersTalkTypeAndSeeEachOther() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data, "--workers", "2");
        Browser ann = Browser.open(demo.url(), "Ann");
        Browser bob = Browser.open(demo.url(), "Bob")) {
      Browser.spread(ann, bob);
      Browser.awaitAsserted(() -> assertEquals(List.of("Ann", "Bob"), ann.members()));
      Browser.awaitAsserted(() -> assertEquals(List.of("Bob", "Ann"), bob.members()));

      ann.say("Hello Bob");
      bob.type("Hello");
      Browser.await(() -> ann.text("typing").equals("Bob is typing…"));
      bob.say(" Ann");
      for (Browser window : List.of(ann, bob)) {
        Browser.awaitAsserted(
            () -> assertEquals(List.of("Hello Bob", "Hello Ann"), window.texts()));
      }
      Browser.await(() -> ann.text("typing").isEmpty());

      ann.element("new-room").sendKeys("tea & cakes" + Keys.ENTER);
      Browser.await(() -> ann.members().equals(List.of("Ann")));
      Browser.await(() -> bob.room("tea & cakes").isDisplayed());
      bob.say("/join tea & cakes");
      Browser.await(() -> ann.members().equals(List.of("Ann", "Bob")));
      ann.room("general").click();
      bob.say("/me eats");
      Browser.awaitAsserted(() -> assertEquals(List.of("Bob eats"), bob.texts()));
      Browser.await(() -> ann.unread("tea & cakes").equals("1"));
      ann.room("tea & cakes").click();
      Browser.awaitAsserted(() -> assertEquals(List.of("Bob eats"), ann.texts()));
      Browser.await(() -> ann.unread("tea & cakes").isEmpty());

      bob.say("/dance");
      Browser.await(() -> bob.logText().contains("There is no command /dance"));
      bob.say("/leave");
      Browser.await(() -> ann.members().equals(List.of("Ann")));
      bob.say("/leave");
      Browser.await(() -> bob.logText().contains("it is never left"));

      bob.goAway();
      ann.room("general").click();
      // At once: a connection that is lost without a goodbye is waited for a minute.
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertEquals(List.of("Ann"), ann.members()));
      bob.comeBack();
      Browser.awaitAsserted(() -> assertEquals(List.of("Ann", "Bob"), ann.members()));
      bob.say("I am back");
      Browser.awaitAsserted(
          () -> assertEquals(List.of("Hello Bob", "Hello Ann", "I am back"), bob.texts()));
    }
  }

  @Test
  void aWorkerThatIsKilledLosesAndDoublesNoLine() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data, "--workers", "2");
        Browser ann = Browser.open(demo.url(), "Ann");
        Browser bob = Browser.open(demo.url(), "Bob")) {
      Browser.spread(ann, bob);
      List.of(ann, bob).forEach(Browser::connectionMayBreak);
      List<String> nodes = List.of(ann.node(), bob.node());
      int lines = 24;
      // Each window has a worker of its own, so that this hits one of the two.
      ProcessHandle victim = demo.workers().get(0);
      for (int i = 0; i < lines; i++) {
        if (i == lines / 3) {
          signal("-STOP", victim); // what is said now is on its way when the worker dies
        }
        ann.type("Ann ");
        bob.type("Bob ");
        if (i == lines / 2) {
          victim.destroyForcibly();
        }
        ann.say(Integer.toString(i));
        bob.say(Integer.toString(i));
      }
      for (Browser window : List.of(ann, bob)) {
        for (String name : List.of("Ann ", "Bob ")) {
          List<String> expected = IntStream.range(0, lines).mapToObj(i -> name + i).toList();
          Browser.awaitAsserted(
              () ->
                  assertEquals(
                      expected,
                      window.texts().stream().filter(text -> text.startsWith(name)).toList()));
        }
      }
      assertEquals(ann.texts(), bob.texts());
      Browser.await(() -> ann.state().equals("online") && bob.state().equals("online"));
      assertNotEquals(nodes, List.of(ann.node(), bob.node()), "nobody was on the killed worker");
      assertEquals(0, ann.number("document.querySelectorAll('[data-state=sending]').length"));
    }
  }

  private static void signal(String signal, ProcessHandle process) throws Exception {
    String pid = Long.toString(process.pid());
    assertEquals(0, new ProcessBuilder("kill", signal, pid).start().waitFor());
  }

  @Test
  void whatUsersWriteIsShownAsItIsAndDisturbsNothing() throws Exception {
    String link = "https://example.org/a_(b)?c=%22";
    List<String> texts =
        List.of(
            "<img src=x onerror=\"document.title='hacked'\"><b>bold</b> & &amp; ' \"",
            "\u202egnp.exe begins here and never ends",
            "שלום \u2067עולם\u2066 123",
            "👩‍👩‍👧 𝒳 e\u0301",
            "Z" + "\u0353\u030a\u0311".repeat(60),
            "one\n  two\n\nthree",
            "javascript:alert(1) (" + link + ").");
    try (DemoProcess demo = DemoProcess.start(data);
        Publisher publisher = new Publisher(demo.url(), "</bdi><i>نور</i>");
        Browser ann = Browser.open(demo.url(), "Ann")) {
      texts.forEach(text -> publisher.publish("general", text));
      Browser.awaitAsserted(() -> assertEquals(texts, ann.texts()));
      assertEquals(0, ann.number("document.querySelectorAll('#log img, #log b, #log i').length"));
      assertTrue(ann.truth("document.title.endsWith('Roomcast')"));
      assertEquals(
          List.of(link + " noopener noreferrer nofollow"),
          ann.strings(
              "return [...document.querySelectorAll('#log a')].map(a => a.href + ' ' + a.rel)"));
      assertTrue(
          ann.truth(
              "[...document.querySelectorAll('#log .name, #members .name')]"
                  + ".every(name => name.tagName === 'BDI')"));
      // Every line keeps to its own box, and the time stays where it belongs.
      assertTrue(
          ann.truth(
              "[...document.querySelectorAll('#log .body')]"
                  + ".every(b => ['clip', 'hidden'].includes(getComputedStyle(b).overflowY))"));
      assertTrue(
          ann.truth(
              "(who => who.querySelector('time').getBoundingClientRect().left"
                  + " > who.querySelector('.name').getBoundingClientRect().left)"
                  + "(document.querySelector('#log .who'))"));
    }
  }

  @Test
  void olderHistoryComesOnScrollingUpAndTheNewestStays() throws Exception {
    int count = 300;
    try (DemoProcess demo = DemoProcess.start(data)) {
      // Two, because one would be told to slow down.
      try (Publisher one = new Publisher(demo.url(), "One");
          Publisher two = new Publisher(demo.url(), "Two");
          Browser ann = Browser.open(demo.url(), "Ann")) {
        for (int i = 1; i <= count; i++) {
          (i <= count / 2 ? one : two).publish("general", "line " + i);
        }
        ann.reload();
        Browser.await(() -> ann.texts().size() == 50);
        assertTrue(ann.truth("document.querySelector('[data-offset=\"300\"]')"));
        String first = "document.querySelector('#log [data-offset]')";
        while (ann.texts().size() < count) {
          int before = ann.texts().size();
          ann.run("document.getElementById('scroll').scrollTop = 100");
          long offset = ann.number("Number(" + first + ".dataset.offset)");
          String top =
              "document.querySelector('[data-offset=\""
                  + offset
                  + "\"] .body')"
                  + ".getBoundingClientRect().top";
          long place = ann.number(top);
          Browser.await(() -> ann.texts().size() > before);
          assertTrue(Math.abs(ann.number(top) - place) < 60, "what is read stays where it is");
        }
        assertEquals(
            IntStream.rangeClosed(1, count).mapToObj(i -> "line " + i).toList(), ann.texts());

        ann.run("document.getElementById('scroll').scrollTop = 1000");
        Browser.await(() -> ann.text("newest").equals("Jump to newest"));
        long place = ann.number("document.getElementById('scroll').scrollTop");
        two.publish("general", "one more");
        Browser.await(() -> ann.text("newest").equals("1 new message"));
        assertEquals(place, ann.number("document.getElementById('scroll').scrollTop"));
        ann.element("newest").click();
        Browser.await(() -> !ann.element("newest").isDisplayed());
        assertTrue(
            ann.truth(
                "document.querySelector('#log li:last-child').getBoundingClientRect().bottom"
                    + " <= document.getElementById('scroll').getBoundingClientRect().bottom"));
      }
    }
  }

  @Test
  void whoTypesIsSaidAndEndsByItself() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser ann = Browser.open(demo.url(), "Ann");
        Publisher bob = new Publisher(demo.url(), "Bob");
        Publisher cem = new Publisher(demo.url(), "Cem");
        Publisher dan = new Publisher(demo.url(), "Dan");
        Publisher eve = new Publisher(demo.url(), "Eve")) {
      List<Publisher> all = List.of(bob, cem, dan, eve);
      awaitTyping(ann, all.subList(0, 1), "Bob is typing…");
      awaitTyping(ann, all.subList(0, 2), "Bob and Cem are typing…");
      awaitTyping(ann, all.subList(0, 3), "Bob, Cem and Dan are typing…");
      awaitTyping(ann, all, "Several people are typing…");
      Browser.await(() -> ann.text("typing").isEmpty());
    }
  }

  /** They go on typing until the page shows it: on a slow machine that may take a while. */
  private static void awaitTyping(Browser browser, List<Publisher> who, String expected) {
    Browser.await(
        () -> {
          who.forEach(publisher -> publisher.type("general"));
          return browser
              .strings("return [document.getElementById('typing').textContent]")
              .equals(List.of(expected));
        });
  }

  @Test
  void aPhoneIsServedByKeyboardToo() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser ann = Browser.openPhone(demo.url(), "Ann", 320)) {
      ann.say("a".repeat(200));
      Browser.await(() -> ann.texts().size() == 1);
      assertEquals(320, ann.number("document.documentElement.scrollWidth"));
      assertFalse(ann.room("random").isDisplayed(), "the rooms are closed");
      ann.run("document.querySelector('.skip').focus()");
      tabTo(ann, "menu");
      ann.press(Keys.ENTER);
      Browser.await(() -> ann.room("random").isDisplayed());
      assertEquals("true", ann.element("menu").getAttribute("aria-expanded"));
      ann.press(Keys.ESCAPE);
      Browser.await(() -> !ann.room("random").isDisplayed());
      assertTrue(ann.truth("document.activeElement.id === 'menu'"));
      ann.press(Keys.ENTER);
      ann.press(Keys.TAB);
      ann.press(Keys.ENTER);
      Browser.await(() -> ann.truth("document.getElementById('title').textContent === '# random'"));
      Browser.await(() -> !ann.room("random").isDisplayed());
      tabTo(ann, "show-people");
      ann.press(Keys.ENTER);
      Browser.await(() -> ann.element("member").isDisplayed());
    }
  }

  private static void tabTo(Browser browser, String testId) {
    HashSet<String> seen = new HashSet<>();
    while (!browser.truth("document.activeElement.dataset.testid === '" + testId + "'")) {
      browser.press(Keys.TAB);
      String at = browser.strings("return [document.activeElement.outerHTML]").get(0);
      assertTrue(seen.add(at), testId + " is not reached by Tab");
    }
  }

  @Test
  void aMessageThatTheServerRefusesIsKeptAndCanBeSentAgain() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser ann = Browser.open(demo.url(), "Ann")) {
      ann.run(
          """
          const send = WebSocket.prototype.send;
          window.mend = () => { WebSocket.prototype.send = send; };
          WebSocket.prototype.send = function (text) {
            send.call(this, text.replace('"room":"general","text"', '"room":"nowhere","text"'));
          };
          """);
      ann.say("Hello?");
      Browser.await(() -> ann.element("send-again").isDisplayed());
      assertEquals(List.of("failed Hello?"), ann.strings(PENDING));
      assertEquals(List.of(), ann.texts());
      ann.run("window.mend()");
      ann.element("send-again").click();
      Browser.awaitAsserted(() -> assertEquals(List.of("Hello?"), ann.texts()));
      assertEquals(List.of(), ann.strings(PENDING));
    }
  }

  @Test
  void whatIsSaidWithoutAServerWaitsAndTheThemeIsRemembered() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser ann = Browser.open(demo.url(), "Ann")) {
      ann.run("document.getElementById('theme').click()");
      ann.reload();
      assertTrue(ann.truth("document.documentElement.dataset.theme === 'dark'"));
      ann.connectionMayBreak();
      demo.kill();
      Browser.await(() -> ann.state().equals("connecting"));
      ann.say("is anybody there?");
      Browser.awaitAsserted(
          () -> assertEquals(List.of("sending is anybody there?"), ann.strings(PENDING)));
      assertEquals(List.of(), ann.texts());
    }
  }
}
