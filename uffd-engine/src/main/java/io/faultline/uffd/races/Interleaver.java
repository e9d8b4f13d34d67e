package io.faultline.uffd.races;

import io.faultline.uffd.simulated.Scheduling;
import io.faultline.uffd.simulated.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs threads one at a time. Before each step of a thread inside the simulated kernel, and at each
 * {@link #pause} in its program, a chooser selects the thread to continue. If none can, the run
 * hangs, and ends immediately.
 *
 * <p>Confined to the thread that calls {@link #run}, and to the actor that it lets run.
 */
final class Interleaver implements Scheduling {
  /** Selects the thread to continue. */
  interface Chooser {
    /** Selects one of the runnable threads; null ends the run. */
    @Nullable Actor choose(List<Actor> runnable);

    /** Called when no thread is runnable, before the threads are ended. */
    default void ended(Run.End end) {
      // most choosers need no notification
    }
  }

  private final List<Actor> actors = new ArrayList<>();
  private final List<Action> actions = new ArrayList<>();

  /** Adds a thread. */
  void add(Role role, Runnable program) {
    actors.add(new Actor(role, program));
  }

  List<Actor> actors() {
    return actors;
  }

  /** Whether a thread has finished. */
  boolean isFinished(Role role) {
    return actors.stream().anyMatch(actor -> actor.role() == role && actor.isFinished());
  }

  Run run(Chooser chooser) {
    try {
      actors.forEach(Actor::start);
      while (true) {
        List<Actor> runnable = actors.stream().filter(Actor::canAct).toList();
        if (runnable.isEmpty()) {
          boolean finished = actors.stream().allMatch(Actor::isFinished);
          Run.End end = finished ? Run.End.FINISHED : Run.End.HUNG;
          chooser.ended(end);
          return new Run(end, actions);
        }
        Actor chosen = chooser.choose(runnable);
        if (chosen == null) {
          return new Run(Run.End.CUT, actions);
        }
        actions.add(new Action(chosen.role(), chosen.next()));
        chosen.act();
      }
    } finally {
      actors.forEach(Actor::abandon);
    }
  }

  // Called by the actors' threads

  /** Stops the calling thread before an action of its program. */
  void pause(String action) {
    Actor self = self();
    if (self != null) {
      self.pause(action);
    }
  }

  /** Appends the result to the description of the calling thread's current action. */
  void result(String text) {
    Action last = actions.removeLast();
    actions.add(new Action(last.role(), last.text() + " -> " + text));
  }

  @Override
  public void step(Step step, long address) {
    pause(step.description() + PostcopyProgram.pageName(step, address));
  }

  @Override
  public void sleepUntil(BooleanSupplier awake) {
    sleepUntil(awake, "wakes up");
  }

  /** Stops the calling thread until a condition holds; noticing it is a separate action. */
  void sleepUntil(BooleanSupplier awake, String action) {
    Actor self = self();
    if (self == null) {
      throw new IllegalStateException("only an actor's thread may sleep");
    }
    self.sleepUntil(awake, action);
  }

  @Override
  public void wake(Thread thread) {
    // the conditions of sleeping threads are evaluated before each choice
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
