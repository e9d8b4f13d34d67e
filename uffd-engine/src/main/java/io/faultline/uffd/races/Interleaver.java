package io.faultline.uffd.races;

import io.faultline.uffd.simulated.Scheduling;
import io.faultline.uffd.simulated.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs threads one at a time. Before each step of one inside the simulated kernel, and wherever its
 * program says so, a chooser decides who goes on. Where nobody can, the run hangs, and that is
 * known at once.
 *
 * <p>Belongs to the thread that runs it.
 */
final class Interleaver implements Scheduling {
  /** Decides who goes on. */
  interface Chooser {
    /** The one to go on, of those who can; null to end the run. */
    @Nullable Actor choose(List<Actor> able);

    /** Nobody can go on; the threads still are where they are. */
    default void ended(Run.End end) {
      // most have seen it all
    }
  }

  private final List<Actor> actors = new ArrayList<>();
  private final List<Move> moves = new ArrayList<>();

  /** Adds a thread. */
  void add(Role role, Runnable program) {
    actors.add(new Actor(role, program));
  }

  List<Actor> actors() {
    return actors;
  }

  /** Whether a thread has come to its end. */
  boolean isFinished(Role role) {
    return actors.stream().anyMatch(actor -> actor.role() == role && actor.isFinished());
  }

  Run run(Chooser chooser) {
    try {
      actors.forEach(Actor::start);
      while (true) {
        List<Actor> able = actors.stream().filter(Actor::canMove).toList();
        if (able.isEmpty()) {
          boolean finished = actors.stream().allMatch(Actor::isFinished);
          Run.End end = finished ? Run.End.FINISHED : Run.End.HUNG;
          chooser.ended(end);
          return new Run(end, moves);
        }
        Actor chosen = chooser.choose(able);
        if (chosen == null) {
          return new Run(Run.End.CUT, moves);
        }
        moves.add(new Move(chosen.role(), chosen.next()));
        chosen.move();
      }
    } finally {
      actors.forEach(Actor::abandon);
    }
  }

  // What the threads call -------------------------------------------------------------------

  /** Stops the calling thread before a move of its program. */
  void pause(String move) {
    Actor self = self();
    if (self != null) {
      self.pause(move);
    }
  }

  /** Says what came of the move that the calling thread does. */
  void result(String text) {
    Move last = moves.removeLast();
    moves.add(new Move(last.role(), last.text() + " -> " + text));
  }

  @Override
  public void step(Step step, long address) {
    pause(step.story() + PostcopyProgram.pageName(step, address));
  }

  @Override
  public void sleepUntil(BooleanSupplier awake) {
    sleepUntil(awake, "is woken");
  }

  /** Stops the calling thread until a condition holds, which it notices by a move. */
  void sleepUntil(BooleanSupplier awake, String move) {
    Actor self = self();
    if (self == null) {
      throw new IllegalStateException("a thread that nobody runs wants to sleep");
    }
    self.sleepUntil(awake, move);
  }

  @Override
  public void wake(Thread thread) {
    // whoever sleeps is asked before each choice
  }

  private @Nullable Actor self() {
    Thread current = Thread.currentThread();
    for (Actor actor : actors) {
      if (actor.isThread(current)) {
        return actor;
      }
    }
    return null;
  }
}
