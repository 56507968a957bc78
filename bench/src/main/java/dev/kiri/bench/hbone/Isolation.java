package dev.kiri.bench.hbone;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What streams of one pair do to each other: the latency of small exchanges, alone and beside a
/// stream whose reader has stalled or one that carries bulk. One event loop at each end.
///
/// Every round measures everything once; a figure is the median of the rounds, so that a slow
/// moment of the machine decides none.
///
/// Both ends, both proxies and the bulk share this machine's processors, so bulk costs exchanges
/// something that have nothing to do with it. That is the control: the same bulk between two other
/// proxies. Beside bulk of their own pair exchanges may have twice the P99 that they have alone, or
/// what the control has.
final class Isolation {
  private static final int WARM_UP_ROUNDS = 2; // compiles
  private static final int ROUNDS = 5;
  private static final double LIMIT_RATIO = 2;

  private enum Place {
    NOWHERE,
    STALLED,
    SAME_PAIR,
    SAME_TUNNEL,
    ANOTHER_PAIR,
    PLAIN_SOCKETS
  }

  /// What the exchanges have beside them; `rate` in MB/s, 0 is as much as there is room for.
  private enum Beside {
    NOTHING("alone", Place.NOWHERE, 0),
    STALLED("beside a stalled stream", Place.STALLED, 0),
    ONE_ELSEWHERE("beside 1 Gbit/s of another pair", Place.ANOTHER_PAIR, 125),
    ONE("beside 1 Gbit/s", Place.SAME_PAIR, 125),
    FOUR_ELSEWHERE("beside 4 Gbit/s of another pair", Place.ANOTHER_PAIR, 500),
    FOUR("beside 4 Gbit/s", Place.SAME_PAIR, 500),
    ALL_PLAIN("beside unbounded bulk by plain sockets", Place.PLAIN_SOCKETS, 0),
    ALL_ELSEWHERE("beside unbounded bulk of another pair", Place.ANOTHER_PAIR, 0),
    ALL("beside unbounded bulk", Place.SAME_PAIR, 0),
    ALL_TUNNEL("beside unbounded bulk in the same tunnel", Place.SAME_TUNNEL, 0);

    private final String text;
    private final Place place;
    private final int rate;

    Beside(String text, Place place, int rate) {
      this.text = text;
      this.place = place;
      this.rate = rate;
    }

    private Beside control() {
      return switch (this) {
        case ONE -> ONE_ELSEWHERE;
        case FOUR -> FOUR_ELSEWHERE;
        case ALL, ALL_TUNNEL -> ALL_ELSEWHERE;
        default -> NOTHING;
      };
    }
  }

  private final Duration phase;
  private final Map<Beside, List<Double>> p99 = new EnumMap<>(Beside.class);
  private final Map<Beside, List<Double>> rates = new EnumMap<>(Beside.class);

  static List<Figure> measure(Duration phase) throws IOException, InterruptedException {
    var isolation = new Isolation(phase);
    isolation.run();
    return isolation.figures();
  }

  private Isolation(Duration phase) {
    this.phase = phase;
  }

  private void run() throws IOException, InterruptedException {
    try (var echo = App.echoing();
        var swallowing = App.swallowing();
        var stalling = App.stalling();
        var ends = new Ends(Ends.dialler(), 100);
        var others = new Ends(Ends.dialler(), 100)) {
      var with = ends.proxyTo(echo.address());
      var bulk = ends.proxyTo(swallowing.address());
      var stalled = ends.proxyTo(stalling.address());
      var elsewhere = others.proxyTo(swallowing.address());
      for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
        if (round == WARM_UP_ROUNDS) {
          p99.clear();
          rates.clear();
        }
        for (var what : Beside.values()) {
          switch (what.place) {
            case NOWHERE -> add(p99, what, new SmallExchanges(with).p99(phase));
            case STALLED -> {
              beside(what, stalled, with);
              stalling.hangUp();
            }
            case SAME_PAIR -> beside(what, bulk, with);
            case SAME_TUNNEL -> besideLater(what, bulk, with);
            case ANOTHER_PAIR -> beside(what, elsewhere, with);
            case PLAIN_SOCKETS -> beside(what, swallowing.address(), with);
          }
        }
      }
    }
  }

  private void beside(Beside what, InetSocketAddress bulk, InetSocketAddress with)
      throws IOException, InterruptedException {
    try (var other = new Bulk(bulk, what.rate)) {
      other.begin();
      add(p99, what, new SmallExchanges(with).p99(phase));
      add(rates, what, other.gigabitsPerSecond());
    }
  }

  /// With connections that were there before the bulk, so that they share its tunnel.
  private void besideLater(Beside what, InetSocketAddress bulk, InetSocketAddress with)
      throws IOException, InterruptedException {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500)); // bulk before this is forgotten
    var exchanges = new SmallExchanges(with);
    try (var other = new Bulk(bulk, what.rate)) {
      other.begin();
      add(p99, what, exchanges.p99(phase));
      add(rates, what, other.gigabitsPerSecond());
    }
  }

  private static void add(Map<Beside, List<Double>> to, Beside what, double value) {
    to.computeIfAbsent(what, _ -> new ArrayList<>()).add(value);
  }

  private List<Figure> figures() {
    var figures = new ArrayList<Figure>();
    double alone = p99(Beside.NOTHING);
    for (var what : Beside.values()) {
      var name = "P99 " + what.text;
      boolean limited =
          switch (what.place) {
            case NOWHERE, ANOTHER_PAIR, PLAIN_SOCKETS -> false;
            case STALLED, SAME_PAIR, SAME_TUNNEL -> true;
          };
      figures.add(
          limited
              ? Figure.limited(
                  name, "us", p99(what), Math.max(LIMIT_RATIO * alone, p99(what.control())))
              : Figure.plain(name, "us", p99(what)));
      figures.add(Figure.plain(name, "times alone", p99(what) / alone));
    }
    figures.add(rate("bulk, nothing else on its loops", Beside.ALL_ELSEWHERE));
    figures.add(rate("bulk beside them", Beside.ALL));
    figures.add(rate("bulk beside them in the same tunnel", Beside.ALL_TUNNEL));
    return figures;
  }

  private Figure rate(String name, Beside what) {
    return Figure.plain(name, "Gbit/s", median(rates, what));
  }

  private double p99(Beside what) {
    return median(p99, what);
  }

  private static double median(Map<Beside, List<Double>> of, Beside what) {
    var sorted = of.getOrDefault(what, List.of()).stream().mapToDouble(d -> d).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
