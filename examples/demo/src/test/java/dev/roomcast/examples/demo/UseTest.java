package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page for everybody: by the keyboard, by a screen reader, as an installed application. */
class UseTest {

  @TempDir Path data;

  @BeforeAll
  static void requireBrowser() {
    Browser.require();
  }

  @Test
  void axeFindsNothingSerious() throws Exception {
    Path keys = Files.writeString(data.resolve("keys"), "a-key-of-an-administrator");
    try (DemoProcess demo = DemoProcess.start(data, "--api-key-file", keys.toString());
        Browser bob = Browser.open(demo.url(), "Bob");
        Browser phone = Browser.openPhone(demo.url(), "Phone", 320);
        Browser ann = Browser.openAt(demo.url(), "Ann")) {
      assertEquals(List.of(), ann.seriousProblems(), "coming in");
      ann.logIn();
      fill(ann, bob);
      assertEquals(List.of(), ann.seriousProblems(), "light");
      ann.run("document.getElementById('theme').click()");
      assertEquals(List.of(), ann.seriousProblems(), "dark");
      ann.choose("answer");
      ann.click("[data-testid=action-react]");
      ann.click("[data-testid=member]:last-child .person");
      assertEquals(List.of(), ann.seriousProblems(), "with what can be done");
      ann.click("[data-testid=new-private]");
      assertEquals(List.of(), ann.seriousProblems(), "a dialog");
      ann.click("[data-testid=dialog-cancel]");
      ann.type("@bo");
      ann.say("/search answer");
      assertEquals(List.of(), ann.seriousProblems(), "search");

      assertEquals(List.of(), phone.seriousProblems(), "phone");
      phone.click("[data-testid=menu]");
      assertEquals(List.of(), phone.seriousProblems(), "the rooms on a phone");

      bob.open(demo.url() + "/admin");
      assertEquals(List.of(), bob.seriousProblems(), "the way into the administration");
      bob.refusalIsExpected(); // by which the page finds out that the key is one
      bob.element("key").sendKeys("a-key-of-an-administrator" + Keys.ENTER);
      Browser.await(() -> bob.shows("[data-testid=admin-room] [data-testid=who]"));
      bob.click("[data-room=general] [data-testid=who]");
      Browser.await(() -> bob.shows("[data-testid=disconnect-member]"));
      assertEquals(List.of(), bob.seriousProblems(), "administration");
      bob.run("document.documentElement.dataset.theme = 'dark'");
      assertEquals(List.of(), bob.seriousProblems(), "administration, dark");
    }
  }

  /** Something of everything. */
  private static void fill(Browser ann, Browser bob) {
    bob.say("@Ann a question, see https://example.org");
    Browser.await(() -> ann.texts().size() == 1);
    ann.choose("@Ann a question, see https://example.org");
    ann.click("[data-testid=action-reply]");
    ann.say("answer");
    Browser.await(() -> bob.texts().size() == 2);
    bob.choose("answer");
    bob.click("[data-testid=action-react]");
    bob.click("#actions [data-emoji='👍']");
    bob.say("/msg Ann only you");
    bob.room("general").click();
    bob.type("more");
    ann.say("/dance");
    ann.say("/users");
    Browser.await(
        () -> ann.shows("#log .reaction") && ann.shows("[data-testid=conversation-item]"));
    Browser.await(() -> ann.logText().contains("people in # general"));
  }

  @Test
  void messagesAreAnsweredReactedToAndTakenBackByTheKeyboardAlone() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Publisher bob = new Publisher(demo.url(), "Bob");
        Browser ann = Browser.open(demo.url(), "Ann")) {
      bob.publish("general", "one");
      bob.publish("general", "two");
      ann.say("mine");
      Browser.await(() -> ann.texts().size() == 3);
      ann.press(Keys.chord(Keys.SHIFT, Keys.TAB));
      assertTrue(ann.truth("document.activeElement.id === 'scroll'"), "Shift Tab: the messages");
      ann.press(Keys.ARROW_UP);
      ann.press(Keys.ARROW_UP);
      assertEquals("two", at(ann));
      ann.press(Keys.ENTER);
      assertEquals("React", label(ann));
      ann.press(Keys.ENTER);
      ann.press(Keys.ARROW_RIGHT);
      ann.press(Keys.ENTER);
      Browser.await(
          () ->
              ann.strings("return [document.querySelector('.reaction')?.dataset.emoji]")
                  .equals(List.of("❤️")));
      Browser.await(() -> at(ann).equals("two"));
      ann.press(Keys.ENTER);
      ann.press(Keys.ARROW_RIGHT);
      assertEquals("Reply", label(ann));
      ann.press(Keys.ENTER);
      ann.press("answer" + Keys.ENTER);
      Browser.await(() -> ann.text("quote").equals("Bob two"));
      ann.press(Keys.chord(Keys.SHIFT, Keys.TAB));
      ann.press(Keys.ARROW_UP);
      assertEquals("answer", at(ann));
      ann.press(Keys.TAB);
      while (!label(ann).equals("Delete")) {
        ann.press(Keys.TAB);
      }
      ann.press(Keys.ENTER);
      Browser.await(() -> ann.element("dialog-ok").isDisplayed());
      ann.press(Keys.ESCAPE);
      Browser.await(() -> at(ann).equals("answer"));
      ann.press(Keys.ENTER);
      while (!label(ann).equals("Delete")) {
        ann.press(Keys.ARROW_RIGHT);
      }
      ann.press(Keys.ENTER);
      Browser.await(() -> ann.element("dialog-ok").isDisplayed());
      ann.press(Keys.TAB);
      ann.press(Keys.ENTER);
      Browser.await(() -> ann.texts().contains("This message was deleted."));
      Browser.await(() -> at(ann).equals("This message was deleted."));
      ann.press(Keys.ARROW_UP);
      assertEquals("mine", at(ann), "who takes back one message goes on from there");
      ann.press(Keys.ESCAPE);
      assertTrue(ann.truth("document.activeElement.id === 'text'"), "Escape: the field");
      ann.press(Keys.chord(Keys.ALT, Keys.ARROW_DOWN));
      Browser.await(() -> ann.find("#title").getText().equals("# random"));
    }
  }

  /** The message that has the focus. */
  private static String at(Browser window) {
    return window
        .strings("return [document.activeElement.querySelector('.body')?.textContent]")
        .get(0);
  }

  private static String label(Browser window) {
    return window.strings("return [document.activeElement.getAttribute('aria-label')]").get(0);
  }

  @Test
  void thePageCanBeInstalled() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data);
        Browser ann = Browser.open(demo.url(), "Ann")) {
      String link = String.valueOf(ann.find("link[rel=manifest]").getAttribute("href"));
      HttpResponse<String> manifest = get(link);
      assertEquals(
          "application/manifest+json", manifest.headers().firstValue("Content-Type").orElse(""));
      JsonObject json = JsonParser.parseString(manifest.body()).getAsJsonObject();
      assertEquals("standalone", json.get("display").getAsString());
      assertEquals(200, get(demo.url() + json.get("start_url").getAsString()).statusCode());
      for (JsonElement icon : json.getAsJsonArray("icons")) {
        HttpResponse<String> file =
            get(demo.url() + icon.getAsJsonObject().get("src").getAsString());
        assertEquals("image/svg+xml", file.headers().firstValue("Content-Type").orElse(""));
        assertTrue(file.body().startsWith("<svg "));
      }
      // The browser itself reads it, under the page's content security policy.
      assertEquals(List.of(), ann.manifestProblems());
    }
  }

  private static HttpResponse<String> get(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }
}
