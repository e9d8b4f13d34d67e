package io.faultline.uffd.simulated.process;

import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.faultline.uffd.simulated.SimulatedOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A simulated machine with processes that change their memory while somebody else fills it. A test
 * of such a filler is one loop: it either calls {@link #step}, or lets the filler do something.
 * Everything is determined by the seed and by these calls.
 *
 * <pre>
 *   try (ForeignMachine machine = new ForeignMachine(seed)) {
 *     RestoredProcess restored = machine.restore(ForeignOptions.DEFAULT);
 *     filler.add(restored.userfaultfd(), restored.lazy());
 *     while (!machine.isFinished() || !filler.isFinished()) {
 *       if (random.nextBoolean()) {
 *         machine.step();
 *       } else {
 *         filler.turn(); // contents from machine.contents()
 *       }
 *     }
 *     machine.verify();
 *   }
 * </pre>
 *
 * <p>Confined to one thread. No call sleeps.
 */
public final class ForeignMachine implements AutoCloseable {
  private final StepwiseScheduling scheduling = new StepwiseScheduling();
  private final SimulatedKernel first = new SimulatedKernel(SimulatedOptions.DEFAULT, scheduling);
  private final List<ForeignProcess> processes = new ArrayList<>();
  private final DumpContents contents;
  private final Random random;
  private int maxProcesses;
  private int restored;

  public ForeignMachine(long seed) {
    this.random = new Random(seed);
    this.contents = new DumpContents(random.nextLong());
  }

  /** Restores a process. Its program runs in {@link #step}. */
  public RestoredProcess restore(ForeignOptions options) {
    SimulatedKernel kernel = first.newProcess();
    ExpectedMemory memory = new ExpectedMemory();
    Restorer restorer = new Restorer(kernel, memory, contents, random);
    Userfaultfd uffd = restorer.restore(options);
    maxProcesses += options.maxProcesses();
    String name = Integer.toString(++restored);
    Random own = new Random(random.nextLong());
    ForeignProcess process = new ForeignProcess(this, name, kernel, memory, own);
    add(process, options);
    return new RestoredProcess(process, uffd, restorer.lazy());
  }

  /** The contents of the dump that all processes were restored from. */
  public DumpContents contents() {
    return contents;
  }

  /** All processes, including those that have ended. */
  public List<ForeignProcess> processes() {
    return List.copyOf(processes);
  }

  /**
   * Lets one thread of a process run until it sleeps or stops next.
   *
   * @return false if all have ended, or sleep until something is filled or read
   * @throws AssertionError if a process loaded what it must not see; the message says what
   */
  public boolean step() {
    List<Task> runnable = scheduling.runnable();
    if (runnable.isEmpty()) {
      return false;
    }
    runnable.get(random.nextInt(runnable.size())).resume();
    return true;
  }

  /** Whether the programs of all processes have ended. */
  public boolean isFinished() {
    return scheduling.tasks().stream().allMatch(Task::isFinished);
  }

  /**
   * Checks the memory of all processes that are alive. Call it when all userfaultfds are closed.
   *
   * @throws AssertionError if a page differs from what its process must see
   */
  public void verify() {
    processes.forEach(ForeignProcess::verify);
  }

  /** Ends all processes and their threads. */
  @Override
  public void close() {
    processes.forEach(ForeignProcess::kill);
    while (!isFinished()) {
      for (Task task : List.copyOf(scheduling.tasks())) {
        if (task.isRunnable()) {
          task.runOn();
        }
      }
    }
  }

  /** The threads and what they do: for the message of a test that found them stuck. */
  @Override
  public String toString() {
    return scheduling.tasks().toString();
  }

  StepwiseScheduling scheduling() {
    return scheduling;
  }

  boolean mayFork() {
    return processes.size() < maxProcesses;
  }

  void add(ForeignProcess process, ForeignOptions options) {
    processes.add(process);
    process.start(options);
  }
}
