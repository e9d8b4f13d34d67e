package io.faultline.uffd.simulated.process;

import static io.faultline.uffd.simulated.process.ExpectedMemory.PAGE;

import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.Random;

/**
 * A simulated process that knows nothing of userfaultfd and runs a random program. Confined to the
 * thread that drives its {@link ForeignMachine}.
 */
public final class ForeignProcess {
  private static final int[] VERIFIED_WORDS = {0, PageContent.STORED_WORD, DumpContents.WORDS - 1};

  private final ForeignMachine machine;
  private final String name;
  private final SimulatedKernel kernel;
  private final ExpectedMemory memory;
  private final Random random;
  private boolean exited;

  ForeignProcess(
      ForeignMachine machine,
      String name,
      SimulatedKernel kernel,
      ExpectedMemory memory,
      Random random) {
    this.machine = machine;
    this.name = name;
    this.kernel = kernel;
    this.memory = memory;
    this.random = random;
  }

  /** Its place in the tree: {@code 2.1} is the first child of process 2. */
  public String name() {
    return name;
  }

  /** Whether it has ended, by itself or by {@link #kill}. */
  public boolean hasExited() {
    return exited;
  }

  /** Ends the process at once, as SIGKILL does: faults and events that were not read are gone. */
  public void kill() {
    if (!exited) {
      exited = true;
      kernel.exit();
    }
  }

  /**
   * Checks the contents of all pages. Call it when the userfaultfds of the process are closed.
   *
   * @throws AssertionError if a page differs from what the process must see
   */
  public void verify() {
    for (long page : memory.used()) {
      PageContent content = memory.at(page);
      if (!exited && content.isMapped()) {
        for (int index : VERIFIED_WORDS) {
          long address = page + (long) index * Long.BYTES;
          memory.load(page).end(machine.contents(), index, kernel.guestLoad(address));
        }
      }
    }
  }

  /** Starts the threads of the program. */
  void start(ForeignOptions options) {
    machine.scheduling().start("process " + name, () -> run(options));
    for (int i = 0; i < options.readers(); i++) {
      Random own = new Random(random.nextLong());
      machine.scheduling().start("reader of process " + name, () -> read(options, own));
    }
  }

  private void run(ForeignOptions options) {
    MemoryProgram program = program(random);
    int children = 0;
    for (int i = 0; i < options.operations(); i++) {
      machine.scheduling().pause();
      if (exited) {
        return;
      }
      if (random.nextInt(16) == 0 && machine.mayFork()) {
        fork(options, ++children);
      } else {
        program.operate();
      }
    }
    switch (random.nextInt(3)) {
      case 0 -> program.loadAll();
      case 1 -> kill();
      default -> {
        // its last pages arrive without a fault
      }
    }
  }

  private void fork(ForeignOptions options, int number) {
    String childName = name + "." + number;
    ExpectedMemory copy = memory.forked();
    SimulatedKernel child = kernel.fork();
    Random own = new Random(random.nextLong());
    machine.add(new ForeignProcess(machine, childName, child, copy, own), options);
  }

  private void read(ForeignOptions options, Random own) {
    MemoryProgram program = program(own);
    for (int i = 0; i < options.operations(); i++) {
      machine.scheduling().pause();
      if (exited) {
        return;
      }
      program.load();
    }
  }

  private MemoryProgram program(Random own) {
    return new MemoryProgram(kernel, memory, machine.contents(), own);
  }

  @Override
  public String toString() {
    return "process " + name + " (" + memory.used().size() * PAGE + " bytes used)";
  }
}
