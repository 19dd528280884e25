package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Fuzz;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Heads of frames and of requests, made from seeds; see {@link Fuzz}. */
class RequestFuzzTest {

  private static final Set<Integer> CODES = Set.of(1002, 1003, 1007, 1008, 1009);

  /** Bytes, and where they are cut. */
  private record Cut(String hex, int at) {
    ByteBuffer whole() {
      return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }
  }

  @Test
  void framesAreJudgedTheSameHoweverTheyAreCut() throws IOException {
    List<byte[]> corpus =
        Fuzz.corpus("frames.hex").stream()
            .map(line -> HexFormat.of().parseHex(line.replace(" ", "")))
            .toList();
    PerMessageDeflate deflate = new PerMessageDeflate();
    new Fuzz(50_000)
        .play(
            random -> cut(random, corpus),
            cut -> {
              Heard whole = new Heard();
              new FrameReader(32 << 10, deflate, whole).read(cut.whole());
              whole.codes.forEach(code -> assertTrue(CODES.contains(code), () -> "closed " + code));
              Heard parts = new Heard();
              FrameReader reader = new FrameReader(32 << 10, deflate, parts);
              reader.read(cut.whole().limit(cut.at()));
              reader.read(cut.whole().position(cut.at()));
              assertEquals(whole.all, parts.all);
            });
  }

  /** All that a reader told, and the codes that it closed with. */
  private static final class Heard implements FrameReader.Listener {
    final List<String> all = new ArrayList<>();
    final List<Integer> codes = new ArrayList<>();

    @Override
    public void text(String text) {
      all.add(text);
    }

    @Override
    public void alive() {
      all.add("alive");
    }

    @Override
    public void pong() {
      all.add("pong");
    }

    @Override
    public void ping(byte[] payload) {
      all.add("ping " + HexFormat.of().formatHex(payload));
    }

    @Override
    public void closed(byte[] payload) {
      all.add("closed " + HexFormat.of().formatHex(payload));
    }

    @Override
    public void broken(int code, String reason) {
      all.add("broken " + code + reason);
      codes.add(code);
    }
  }

  private static Cut cut(Random random, List<byte[]> corpus) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = random.nextInt(5); i >= 0; i--) {
      byte[] frame = Fuzz.pick(random, corpus);
      all.writeBytes(random.nextBoolean() ? frame : Fuzz.mutated(random, frame));
    }
    return new Cut(HexFormat.of().formatHex(all.toByteArray()), random.nextInt(all.size() + 1));
  }

  /** A request of which nothing was checked yet. */
  private record Request(Map<String, String> headers, @Nullable String query, @Nullable String room)
      implements RequestView {
    @Override
    public @Nullable String header(String name) {
      return headers.get(name);
    }

    @Override
    public String remoteAddress() {
      return "127.0.0.1";
    }
  }

  @Test
  void aRequestIsReadOrRefusedWithTheFieldThatIsWrong() {
    List<String> queries =
        List.of(
            "name=Eve&token=t&resume=s.r",
            "name=%45%76%65",
            "=&&==&a",
            "name=%",
            "name=%zz",
            "name=a+b%2B",
            "%00=%ff%fe",
            "name=Eve&name=Ann");
    List<String> origins =
        List.of("http://127.0.0.1:5000", "null", "http://[::1]:5000", "https://a b", "://", "");
    List<String> protocols = List.of("roomcast.v1.json, bearer.t", "bearer.", ",,,", "bearer.a,");
    HttpRequests http = new HttpRequests(Set.of("https://shop.example"));
    new Fuzz(30_000)
        .play(
            random ->
                new Request(
                    Map.of(
                        "Host",
                        Fuzz.mutated(random, "127.0.0.1:5000", origins),
                        "Origin",
                        Fuzz.mutated(random, Fuzz.pick(random, origins), origins),
                        "Authorization",
                        Fuzz.mutated(random, "Bearer t", protocols),
                        "Sec-WebSocket-Protocol",
                        Fuzz.mutated(random, Fuzz.pick(random, protocols), protocols)),
                    Fuzz.mutated(random, Fuzz.pick(random, queries), queries),
                    Fuzz.mutated(random, "a%2Fb", queries)),
            request -> {
              orRefused(() -> http.checkOrigin(request));
              orRefused(() -> http.connectRequest(request).remoteAddress());
            });
  }

  private static void orRefused(Runnable read) {
    try {
      read.run();
    } catch (ChatException e) {
      assertTrue(Set.of(ErrorCode.BAD_REQUEST, ErrorCode.FORBIDDEN).contains(e.code()));
      assertTrue(String.valueOf(e.getMessage()).matches("[A-Za-z]+: .+"), e.getMessage());
    }
  }
}
