package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class JsonFieldsTest {

  private static final String BODY =
      "{\"type\":\"message\",\"text\":\"a \\\"b\\\" {c} \\\\\",\"n\":1.500e10,"
          + "\"data\":{\"z\":[1,{\"x\":\"}]\"}],\"a\":12345678901234567890},\"last\":null}";

  @Test
  void whatIsNotTouchedKeepsEveryCharacterAndItsPlace() {
    JsonFields fields = JsonFields.of(Json.trusted(BODY));
    assertEquals(BODY, fields.json().text());
    assertEquals("a \"b\" {c} \\", fields.string("text"));
    fields.set("text", Json.value("new"));
    fields.set("edited", Json.value(5));
    fields.remove("last");
    assertEquals(
        BODY.replace("a \\\"b\\\" {c} \\\\", "new").replace("\"last\":null", "\"edited\":5"),
        fields.json().text());
  }

  @Test
  void anEmptyObjectHasNoFields() {
    JsonFields fields = JsonFields.of(Json.trusted("{}"));
    assertFalse(fields.has("x"));
    assertNull(fields.get("x"));
    fields.set("x", Json.trusted("[]"));
    assertEquals("{\"x\":[]}", fields.json().text());
  }
}
