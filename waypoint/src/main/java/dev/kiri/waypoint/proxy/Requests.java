package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.filter.LocalReply;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeadProblem;
import dev.kiri.waypoint.http.Downstream;
import dev.kiri.waypoint.http.Request;
import dev.kiri.waypoint.http.RequestReceiver;
import dev.kiri.waypoint.http.RequestStart;

/// Makes an [Exchange] of each request of one client stream. Confined to its loop.
final class Requests implements RequestReceiver {
  private final LoopState state;
  private final Client client;
  private final Destination destination;

  Requests(LoopState state, Client client, Destination destination) {
    this.state = state;
    this.client = client;
    this.destination = destination;
  }

  @Override
  public Request request(RequestStart start, Downstream downstream) {
    Exchange exchange = new Exchange(state, client, destination, downstream, start);
    exchange.begin();
    return exchange;
  }

  @Override
  public void malformed(Head head, HeadProblem problem, Downstream downstream) {
    Exchange exchange =
        new Exchange(
            state, client, destination, downstream, new RequestStart(head, true, null, false));
    boolean sound = problem == HeadProblem.TOO_LARGE || problem == HeadProblem.TOO_SLOW;
    String flag = sound ? "-" : "DPE";
    exchange.answer(LocalReply.of(problem.status(), problem.body(), problem.details(), flag));
  }

  @Override
  public Head newHead() {
    return state.newHead();
  }

  @Override
  public void recycle(Head head) {
    state.recycle(head);
  }
}
