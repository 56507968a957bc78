package dev.kiri.hbone.conformance;

import static dev.kiri.hbone.conformance.ClientCases.answered;
import static dev.kiri.hbone.conformance.ClientCases.joined;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// How a client maps an application's connection to a stream, and streams to tunnels.
final class ClientStreamCases {

  static final List<WireCase<ClientExam>> ALL =
      List.of(
          new WireCase<>(
              "C8",
              "bytes arrive whole and in order in both directions, however frames cut them",
              "the bytes, both ways",
              ClientStreamCases::bothWays),
          new WireCase<>(
              "C9",
              "the end of the application's bytes is END_STREAM and ends one direction only",
              "END_STREAM, then bytes the other way",
              ClientStreamCases::halfClose),
          new WireCase<>(
              "C10",
              "END_STREAM ends the application's reading only",
              "the end, then bytes the other way",
              ClientStreamCases::peerHalfCloses),
          new WireCase<>(
              "C11",
              "a status other than 200 ends the application's connection without bytes",
              "ended or reset, no bytes",
              ClientStreamCases::refusal),
          new WireCase<>(
              "C12",
              "a reset of the stream ends the application's connection",
              "ended or reset",
              exam -> {
                var stream = joined(exam);
                stream.tunnel().send(Frame.reset(stream.stream(), H2Error.CANCEL));
                return ends(stream.application());
              }),
          new WireCase<>(
              "C13",
              "a second connection rides the same tunnel",
              "another stream of the tunnel",
              exam -> {
                var first = joined(exam);
                exam.application();
                var second = first.tunnel().request();
                return Outcome.of(second.stream() > first.stream(), "stream " + second.stream());
              }),
          new WireCase<>(
              "C14",
              "MAX_CONCURRENT_STREAMS is kept",
              "another tunnel, or no request until the first stream has ended",
              ClientStreamCases::maxStreams),
          new WireCase<>(
              "C15",
              "a stream's window is kept",
              "1000 bytes, the rest when the window opens",
              ClientStreamCases::window),
          new WireCase<>(
              "C16",
              "after GOAWAY a running stream goes on and the next connection takes another tunnel",
              "bytes both ways, a request on another tunnel",
              ClientStreamCases::goAway),
          new WireCase<>(
              "C17",
              "a request that the server has not processed is made again",
              "a second request after REFUSED_STREAM",
              ClientStreamCases::refusedStream),
          new WireCase<>(
              "C18",
              "PING is answered",
              "PING with ACK and the same bytes",
              exam -> {
                var stream = joined(exam);
                var ping = Frame.ping(0x0123_4567_89ab_cdefL);
                stream.tunnel().send(ping);
                var ack = stream.tunnel().await(f -> f.is(Frame.PING) && f.has(Frame.ACK));
                return Outcome.of(Arrays.equals(ack.payload(), ping.payload()), "PING with ACK");
              }),
          new WireCase<>(
              "C19",
              "a reset of the application's connection is one of the stream",
              "RST_STREAM CONNECT_ERROR",
              ClientStreamCases::applicationResets),
          new WireCase<>(
              "C20",
              "RST_STREAM CONNECT_ERROR resets the application's connection",
              "reset",
              exam -> {
                var stream = joined(exam);
                stream.tunnel().send(Frame.reset(stream.stream(), H2Error.CONNECT_ERROR));
                var end = stream.application().untilEnd();
                return Outcome.of(end.equals("reset"), end);
              }));

  private static Outcome applicationResets(ClientExam exam) throws IOException {
    var stream = joined(exam);
    stream.application().reset();
    var end = stream.tunnel().await(f -> f.stream() == stream.stream());
    return end.is(Frame.RST_STREAM)
        ? Outcome.of(
            end.number(0, -1) == H2Error.CONNECT_ERROR,
            "RST_STREAM " + H2Error.name(end.number(0, -1)))
        : new Outcome.Failed(end.has(Frame.END_STREAM) ? "END_STREAM" : "type " + end.type());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Outcome ends(ApplicationSocket application) {
    var end = application.untilEnd();
    return Outcome.of(end.equals("ended") || end.equals("reset"), end);
  }

  private static Outcome bothWays(ClientExam exam) throws IOException {
    var stream = joined(exam);
    stream.application().send("question");
    var question = new String(stream.tunnel().read(stream.stream(), 8), StandardCharsets.US_ASCII);
    for (var b : bytes("ans")) {
      stream.tunnel().send(Frame.data(stream.stream(), new byte[] {b}));
    }
    stream
        .tunnel()
        .send(
            new Frame(Frame.DATA, Frame.PADDED, stream.stream(), new byte[] {2, 'w', 'e', 0, 0}),
            Frame.empty(Frame.DATA, 0, stream.stream()),
            Frame.data(stream.stream(), bytes("r")));
    var answer = stream.application().read(6);
    return Outcome.of(
        question.equals("question") && answer.equals("answer"), question + ", " + answer);
  }

  private static Outcome halfClose(ClientExam exam) throws IOException {
    var stream = joined(exam);
    stream.application().send("last");
    stream.application().end();
    stream.tunnel().read(stream.stream(), 4);
    var end = stream.tunnel().await(f -> f.stream() == stream.stream());
    if (!end.is(Frame.DATA) || !end.has(Frame.END_STREAM)) {
      return new Outcome.Failed("a frame of type " + end.type());
    }
    stream.tunnel().send(Frame.data(stream.stream(), bytes("late")));
    var late = stream.application().read(4);
    return Outcome.of(late.equals("late"), "END_STREAM, then " + late);
  }

  private static Outcome peerHalfCloses(ClientExam exam) throws IOException {
    var stream = joined(exam);
    stream.tunnel().send(Frame.endOf(stream.stream()));
    var end = stream.application().untilEnd();
    stream.application().send("late");
    var late = new String(stream.tunnel().read(stream.stream(), 4), StandardCharsets.US_ASCII);
    return Outcome.of(end.equals("ended") && late.equals("late"), end + ", then " + late);
  }

  private static Outcome refusal(ClientExam exam) throws IOException {
    var application = exam.application();
    var tunnel = exam.tunnel();
    var request = tunnel.request();
    tunnel.send(
        new Frame(
            Frame.HEADERS,
            Frame.END_HEADERS | Frame.END_STREAM,
            request.stream(),
            HeaderList.of(":status", "401").block()));
    return ends(application);
  }

  private static Outcome maxStreams(ClientExam exam) throws IOException {
    var first = joined(exam, 3, 1);
    first.application().send("x");
    first.tunnel().read(first.stream(), 1); // the client has read SETTINGS by now
    var second = exam.application();
    if (!exam.noTunnel()) {
      return new Outcome.Passed("another tunnel");
    }
    try {
      first.tunnel().limit(1_000);
      return new Outcome.Failed(
          "stream " + first.tunnel().request().stream() + " on the same tunnel");
    } catch (SocketTimeoutException e) {
      first.application().close();
      first.tunnel().send(Frame.reset(first.stream(), H2Error.NO_ERROR));
      first.tunnel().limit((int) exam.subject().limit().toMillis());
      return Outcome.of(
          answered(first.tunnel(), second).stream() > first.stream(), "after the first has ended");
    }
  }

  private static Outcome window(ClientExam exam) throws IOException {
    var stream = joined(exam, 4, 1_000);
    stream.application().send(new byte[1_500]);
    stream.tunnel().read(stream.stream(), 1_000);
    stream.tunnel().limit(500);
    try {
      var more = stream.tunnel().await(f -> f.is(Frame.DATA));
      return new Outcome.Failed(more.payload().length + " bytes more than the window");
    } catch (SocketTimeoutException e) {
      stream.tunnel().limit((int) exam.subject().limit().toMillis());
    }
    stream.tunnel().send(Frame.windowUpdate(stream.stream(), 500));
    return Outcome.of(stream.tunnel().read(stream.stream(), 500).length == 500, "1000, then 500");
  }

  private static Outcome goAway(ClientExam exam) throws IOException {
    var first = joined(exam);
    first.tunnel().send(ClientExam.goAway(first.stream(), H2Error.NO_ERROR), Frame.ping(1));
    first.tunnel().await(f -> f.is(Frame.PING) && f.has(Frame.ACK));
    var application = exam.application();
    var second = answered(exam.tunnel(), application);
    first.application().send("on");
    first.tunnel().read(first.stream(), 2);
    first.tunnel().send(Frame.data(first.stream(), bytes("on")));
    return Outcome.of(
        first.application().read(2).equals("on"),
        "bytes both ways, stream " + second.stream() + " of another tunnel");
  }

  private static Outcome refusedStream(ClientExam exam) throws IOException {
    var application = exam.application();
    var tunnel = exam.tunnel();
    var first = tunnel.request();
    tunnel.send(Frame.reset(first.stream(), H2Error.REFUSED_STREAM));
    tunnel.limit(2_000);
    try {
      var again = answered(tunnel, application);
      return Outcome.of(again.stream() > first.stream(), "stream " + again.stream());
    } catch (SocketTimeoutException e) {
      return new Outcome.Failed(
          "no request; the application's connection: " + application.untilEnd());
    }
  }

  private ClientStreamCases() {}
}
