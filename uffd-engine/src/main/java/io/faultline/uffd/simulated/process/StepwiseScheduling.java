package io.faultline.uffd.simulated.process;

import io.faultline.uffd.simulated.Scheduling;
import io.faultline.uffd.simulated.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the threads of all simulated processes one at a time, each until it sleeps, until it stops
 * by itself, and before and after it reports a change of its mappings. Confined to the driver's
 * thread and the task that it resumes.
 */
final class StepwiseScheduling implements Scheduling {
  private final List<Task> tasks = new ArrayList<>();

  /** Adds a thread, which runs when it is resumed. */
  void start(String name, Runnable program) {
    Task task = new Task(name, program);
    tasks.add(task);
    task.start();
  }

  List<Task> tasks() {
    return tasks;
  }

  List<Task> runnable() {
    return tasks.stream().filter(Task::isRunnable).toList();
  }

  /** Stops the calling task, so that others can run. */
  void pause() {
    Task self = self();
    if (self != null) {
      self.stop();
    }
  }

  @Override
  public void step(Step step, long address) {
    if (step == Step.REPORT_CHANGE || step == Step.CONTINUE_CHANGE) {
      pause(); // the only steps that are taken without a lock
    }
  }

  @Override
  public boolean stopsThreads() {
    return false;
  }

  @Override
  public void sleepUntil(BooleanSupplier awake) {
    Task self = self();
    if (self != null) {
      self.stopUntil(awake);
    } else if (!awake.getAsBoolean()) {
      throw new IllegalStateException("the thread that drives the processes must not sleep");
    }
  }

  @Override
  public void wake(Thread thread) {
    // the conditions of sleeping tasks are evaluated before each choice
  }

  private @Nullable Task self() {
    Thread current = Thread.currentThread();
    for (Task task : tasks) {
      if (task.isThread(current)) {
        return task;
      }
    }
    return null;
  }
}
