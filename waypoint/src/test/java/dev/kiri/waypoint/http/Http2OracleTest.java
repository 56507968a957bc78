package dev.kiri.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random heads of HTTP/2 requests and random answers of HTTP/1.1, with Netty's codecs as the judge
/// of what is passed on: a head that we accept is exactly one request to whoever stands behind us.
class Http2OracleTest {
  private static final String[] TEXTS = {
    "a",
    "/",
    "/a?b",
    "*",
    " ",
    "\t",
    "\r\n",
    "\n",
    "\0",
    "\u0080",
    "\u00ff",
    ":",
    ",",
    "#",
    "%2F",
    "GET",
    "http://h/",
    "h:80",
    "chunked",
    "3",
    "close",
    "upgrade",
    "websocket",
    "trailers",
    "100"
  };
  private static final String[] NAMES = {
    "x",
    "x-a",
    "Host",
    "host",
    "cookie",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "keep-alive",
    "expect",
    ":path",
    ":novel",
    "a b",
    "",
    "a\r\nb",
    "trailer"
  };

  private static String text(SplittableRandom random, String usual) {
    if (random.nextInt(4) > 0) {
      return usual;
    }
    var text = new StringBuilder(random.nextBoolean() ? usual : "");
    for (int i = random.nextInt(3); i > 0; i--) {
      text.insert(random.nextInt(text.length() + 1), pick(random, TEXTS));
    }
    return text.toString();
  }

  private static String pick(SplittableRandom random, String[] from) {
    return from[random.nextInt(from.length)];
  }

  private static Http2Headers headers(SplittableRandom random) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    headers.method(text(random, random.nextBoolean() ? "GET" : "POST"));
    headers.path(text(random, "/a"));
    headers.scheme("http");
    if (random.nextInt(8) > 0) {
      headers.authority(text(random, "h"));
    }
    if (random.nextInt(8) == 0) {
      headers.add(":protocol", text(random, "websocket"));
      headers.method("CONNECT");
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      headers.add(pick(random, NAMES), text(random, "v"));
    }
    return headers;
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void what_we_accept_of_http2_is_one_request_on_http1(long seed) {
    var random = new SplittableRandom(seed);
    int accepted = 0;
    for (int i = 0; i < 5_000; i++) {
      Http2Headers sent = headers(random);
      Head head = new Head();
      @Nullable String upgrade;
      try {
        upgrade = Http2Heads.request(sent, head);
      } catch (MalformedMessage refused) {
        continue;
      }
      if (head.text(head.method()).equals("CONNECT")) {
        continue; // answered 403
      }
      accepted++;
      boolean length = head.has(HeaderName.CONTENT_LENGTH);
      ByteBuf out = Unpooled.buffer();
      HeadWriter.requestLine(head, out);
      HeadWriter.fields(head, out);
      if (upgrade != null) {
        HeadWriter.upgrade(out);
      } else if (!length) {
        HeadWriter.chunked(out);
      }
      HeadWriter.endOfHead(out);
      String wire = out.toString(StandardCharsets.ISO_8859_1);
      List<HttpObject> read = read(new EmbeddedChannel(new HttpRequestDecoder()), out);

      assertThat(read).as("seed %s: %s became %s", seed, sent, wire).isNotEmpty();
      HttpRequest request = (HttpRequest) read.getFirst();
      assertThat(request.decoderResult().isSuccess()).as(wire).isTrue();
      assertThat(read.stream().filter(HttpRequest.class::isInstance)).as(wire).hasSize(1);
      assertThat(request.method().name()).isEqualTo(head.text(head.method()));
      assertThat(request.uri()).isEqualTo(head.target());
      assertThat(request.headers().getAll("host")).hasSize(1);
      assertThat(fields(request)).as(wire).containsAll(fields(head));
      int own = upgrade != null || !length ? 2 : 1;
      assertThat(request.headers().size()).as(wire).isEqualTo(head.size() + own);
    }
    assertThat(accepted).isGreaterThan(1_000);
  }

  private static List<String> fields(Head head) {
    var fields = new ArrayList<String>();
    for (int i = 0; i < head.size(); i++) {
      String name = head.text(head.name(i)).toLowerCase(Locale.ROOT);
      fields.add(name + "=" + head.text(head.value(i)).strip());
    }
    return fields;
  }

  private static List<String> fields(HttpRequest request) {
    var fields = new ArrayList<String>();
    for (Map.Entry<String, String> field : request.headers()) {
      fields.add(field.getKey().toLowerCase(Locale.ROOT) + "=" + field.getValue().strip());
    }
    return fields;
  }

  private static List<HttpObject> read(EmbeddedChannel channel, ByteBuf in) {
    channel.writeInbound(in);
    var all = new ArrayList<HttpObject>();
    for (HttpObject read = channel.readInbound(); read != null; read = channel.readInbound()) {
      all.add(read);
      if (read instanceof LastHttpContent last && !(read instanceof FullHttpResponse)) {
        last.release();
      }
    }
    channel.finishAndReleaseAll();
    return all;
  }

  private static final String[] PIECES = {
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    ":",
    ";",
    "0",
    "5",
    "HTTP/1.1 ",
    "\0",
    "\u0080",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n"
  };

  private static String answer(SplittableRandom random) {
    var text = new StringBuilder("HTTP/1.").append(random.nextInt(10) == 0 ? "0" : "1");
    text.append(' ').append(200 + random.nextInt(4)).append(random.nextBoolean() ? " OK" : " ");
    text.append("\r\nx: v").append(random.nextInt(9)).append("\r\n");
    switch (random.nextInt(3)) {
      case 0 -> text.append("Content-Length: 0\r\n\r\n");
      case 1 -> text.append("Content-Length: 3\r\n\r\nabc");
      default -> text.append("Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n");
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(text.length());
      if (random.nextBoolean()) {
        text.insert(at, pick(random, PIECES));
      } else {
        text.deleteCharAt(at);
      }
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34})
  void answers_that_we_accept_netty_reads_alike(long seed) {
    var random = new SplittableRandom(seed);
    int accepted = 0;
    for (int i = 0; i < 5_000; i++) {
      String text = answer(random);
      String ours = ours(text);
      if (ours == null) {
        continue;
      }
      accepted++;
      var channel =
          new EmbeddedChannel(new HttpResponseDecoder(), new HttpObjectAggregator(1 << 16));
      channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
      FullHttpResponse theirs = channel.readInbound();
      if (theirs != null && theirs.decoderResult().isSuccess()) {
        assertThat(
                theirs.status().code()
                    + " "
                    + theirs.content().toString(StandardCharsets.ISO_8859_1))
            .as("seed %s: %s", seed, text)
            .isEqualTo(ours);
      }
      if (theirs != null) {
        theirs.release();
      }
      channel.finishAndReleaseAll();
    }
    assertThat(accepted).isGreaterThan(1_000);
  }

  /// Status and body of the first answer, null when it is refused or does not end by itself.
  private static @Nullable String ours(String text) {
    ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    try {
      Head head = new Head();
      if (!new HeadReader(false).read(in, head)) {
        return null;
      }
      BodyReader body = new BodyReader();
      body.begin(Framing.ofResponse(head, false));
      var payload = new StringBuilder();
      while (!body.done() && in.isReadable() && !body.endsWithConnection()) {
        payload.append(in.readCharSequence(body.next(in), StandardCharsets.ISO_8859_1));
      }
      return body.done() && head.status() >= 200 ? head.status() + " " + payload : null;
    } catch (MalformedMessage refused) {
      return null;
    } finally {
      in.release();
    }
  }
}
