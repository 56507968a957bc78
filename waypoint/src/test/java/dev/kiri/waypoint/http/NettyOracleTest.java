package dev.kiri.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random messages, whole and damaged, read by us and by Netty's decoder. Whatever we accept, Netty
/// must read the same way or refuse: a difference is how requests are smuggled. (Netty refuses more
/// forms of chunk extensions, which we never pass on.)
class NettyOracleTest {
  private static final String[] PIECES = {
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "0",
    "5",
    "a",
    "chunked",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "\0",
    "Host: x\r\n",
    "GET / HTTP/1.1\r\n",
    "\u0080"
  };

  /// A message as one side understood it.
  private record Message(String line, List<String> fields, String body) {}

  /// What the oracle read, and whether it then refused the rest.
  private record Understood(List<Message> messages, boolean refused) {}

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void what_we_accept_netty_reads_alike(long seed) {
    var random = new SplittableRandom(seed);
    int accepted = 0;
    for (int i = 0; i < 4_000; i++) {
      String text = damaged(random, message(random));
      List<Message> ours = ours(random, text);
      if (ours == null) {
        continue;
      }
      Understood netty = netty(text);
      List<Message> theirs = netty.messages();
      if (netty.refused() && theirs.size() < ours.size()) {
        ours = ours.subList(0, theirs.size());
      }
      accepted += ours.size();
      assertThat(theirs)
          .as("seed %s: %s", seed, text.replace("\r", "\\r").replace("\n", "\\n"))
          .startsWith(ours.toArray(Message[]::new));
    }
    assertThat(accepted).isGreaterThan(500);
  }

  private static String message(SplittableRandom random) {
    var text = new StringBuilder();
    for (int requests = random.nextInt(1, 3); requests > 0; requests--) {
      text.append(random.nextBoolean() ? "GET" : "POST").append(" /p");
      text.append(random.nextInt(10)).append(" HTTP/1.1\r\nHost: h\r\n");
      for (int i = random.nextInt(3); i > 0; i--) {
        text.append("x-").append(i).append(": v").append(random.nextInt(9)).append("\r\n");
      }
      switch (random.nextInt(3)) {
        case 0 -> text.append("\r\n");
        case 1 -> text.append("Content-Length: 3\r\n\r\nabc");
        default -> {
          text.append("Transfer-Encoding: chunked\r\n\r\n");
          text.append("3\r\nabc\r\n");
          text.append(random.nextBoolean() ? "A;x=y\r\n0123456789\r\n" : "");
          text.append("0\r\n");
          text.append(random.nextBoolean() ? "t: 1\r\n" : "").append("\r\n");
        }
      }
    }
    return text.toString();
  }

  private static String damaged(SplittableRandom random, String text) {
    var changed = new StringBuilder(text);
    for (int i = random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(changed.length());
      if (random.nextBoolean()) {
        changed.insert(at, PIECES[random.nextInt(PIECES.length)]);
      } else {
        changed.deleteCharAt(at);
      }
    }
    return changed.toString();
  }

  /// The complete messages in front, null when something was refused.
  private static @Nullable List<Message> ours(SplittableRandom random, String text) {
    var messages = new ArrayList<Message>();
    HeadReader reader = new HeadReader(true);
    BodyReader body = new BodyReader();
    Head head = new Head();
    ByteBuf in = Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1));
    try {
      while (in.isReadable()) {
        head.clear();
        if (!headInSlices(random, reader, in, head)) {
          return messages;
        }
        String line = head.text(head.method()) + " " + head.target();
        var fields = new ArrayList<String>();
        for (int i = 0; i < head.size(); i++) {
          fields.add(head.text(head.name(i)) + "=" + head.text(head.value(i)));
        }
        var checked = RequestChecks.check(head);
        body.begin(checked.length());
        var payload = new StringBuilder();
        while (!body.done() && in.isReadable()) {
          int run = body.next(in);
          payload.append(in.readCharSequence(run, StandardCharsets.ISO_8859_1));
        }
        if (!body.done()) {
          return messages;
        }
        if (!head.text(head.path()).startsWith("/") || checked.connect()) {
          return messages;
        }
        messages.add(new Message(line, fields, payload.toString()));
      }
    } catch (MalformedMessage refused) {
      return null;
    }
    return messages;
  }

  private static boolean headInSlices(
      SplittableRandom random, HeadReader reader, ByteBuf in, Head head) throws MalformedMessage {
    while (in.isReadable()) {
      ByteBuf slice =
          in.slice(in.readerIndex(), Math.min(in.readableBytes(), random.nextInt(1, 30)));
      boolean complete = reader.read(slice, head);
      in.skipBytes(slice.readerIndex());
      if (complete) {
        return true;
      }
    }
    return false;
  }

  private static Understood netty(String text) {
    var channel = new EmbeddedChannel(new HttpRequestDecoder());
    channel.writeInbound(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1)));
    var messages = new ArrayList<Message>();
    boolean refused = false;
    @Nullable HttpRequest current = null;
    var payload = new StringBuilder();
    for (HttpObject read = channel.readInbound(); read != null; read = channel.readInbound()) {
      if (read.decoderResult().isFailure()) {
        refused = true;
        break;
      }
      if (read instanceof HttpRequest request) {
        current = request;
        payload.setLength(0);
      }
      if (read instanceof HttpContent content) {
        payload.append(content.content().toString(StandardCharsets.ISO_8859_1));
        content.release();
      }
      if (read instanceof io.netty.handler.codec.http.LastHttpContent && current != null) {
        messages.add(message(current, payload.toString()));
        current = null;
      }
    }
    channel.finishAndReleaseAll();
    return new Understood(messages, refused);
  }

  private static Message message(HttpRequest request, String body) {
    var fields = new ArrayList<String>();
    for (Map.Entry<String, String> field : request.headers()) {
      fields.add(field.getKey() + "=" + field.getValue());
    }
    String target = request.uri();
    int hash = target.indexOf('#');
    return new Message(
        request.method().name() + " " + (hash < 0 ? target : target.substring(0, hash)),
        fields,
        body);
  }
}
