package dev.kiri.waypoint.head;

/// A message that cannot be passed on. Stackless: a hostile peer makes as many of these as it
/// likes.
public final class MalformedMessage extends Exception {
  private static final long serialVersionUID = 1L;

  private final HeadProblem problem;

  public MalformedMessage(HeadProblem problem) {
    super(problem.details(), null, false, false);
    this.problem = problem;
  }

  public HeadProblem problem() {
    return problem;
  }
}
