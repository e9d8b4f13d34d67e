package io.faultline.demo.simulated;

import io.faultline.paging.PagedAccess;
import io.faultline.paging.PagedRegion;
import io.faultline.uffd.Kernel;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A VM whose memory is a region of a pager, so that it can be larger than RAM. Its vCPUs run the
 * programs of a {@link SimulatedVm}, and it must end as a {@link ReferenceRun} does. It does not
 * migrate.
 *
 * <p>The methods are called one after the other; {@link #opsDone} is thread-safe.
 */
public final class PagedVm {
  /** Progress is published after so many operations. */
  private static final int BATCH = 256;

  private final SimulatedVmConfig config;
  private final RamLayout layout;
  private final PagedRegion ram;
  private final AtomicLongArray opsDone;
  private List<Registers> registers = List.of();

  /**
   * @param ram as large as the VM's memory, and zeros; stays open
   * @throws IllegalArgumentException if the configuration is impossible, or the region is not of
   *     that size
   */
  public PagedVm(Kernel kernel, SimulatedVmConfig config, PagedRegion ram) {
    if (ram.lengthBytes() != config.ramBytes()) {
      throw new IllegalArgumentException(
          "a region of " + ram.lengthBytes() + " bytes for RAM of " + config.ramBytes());
    }
    this.config = config;
    this.layout = RamLayout.of(config, kernel);
    this.ram = ram;
    this.opsDone = new AtomicLongArray(config.vcpus());
  }

  /** Writes the initial contents of memory. */
  public void fill() {
    try (PagedAccess access = ram.access()) {
      new RamFill(config, layout).fill(access);
    }
  }

  /**
   * Runs all vCPUs, each on a thread of its own, until each has done its operations.
   *
   * @throws RuntimeException of a vCPU that could not access its memory
   */
  public void run() throws InterruptedException {
    registers = IntStream.range(0, config.vcpus()).mapToObj(this::powerOn).toList();
    @Nullable Throwable[] failures = new Throwable[config.vcpus()];
    List<Thread> threads =
        IntStream.range(0, config.vcpus())
            .mapToObj(
                n ->
                    Thread.ofPlatform()
                        .name("vcpu-" + n)
                        .daemon()
                        .uncaughtExceptionHandler((thread, failure) -> failures[n] = failure)
                        .start(() -> run(n)))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    for (Throwable failure : failures) {
      if (failure != null) {
        throw new IllegalStateException("a vCPU failed: " + failure.getMessage(), failure);
      }
    }
  }

  private Registers powerOn(int vcpu) {
    return Registers.initial(config.seed(), vcpu, program(vcpu).addresses());
  }

  private GuestProgram program(int vcpu) {
    return GuestProgram.of(config, layout.slice(vcpu));
  }

  private void run(int vcpu) {
    GuestProgram program = program(vcpu);
    Registers own = registers.get(vcpu);
    try (PagedAccess access = ram.access()) {
      GuestWords memory = new PagedWords(access);
      while (own.operations < config.opsPerVcpu()) {
        own.step(memory, program);
        if (own.operations % BATCH == 0) {
          opsDone.set(vcpu, own.operations);
        }
      }
      opsDone.set(vcpu, own.operations);
    }
  }

  /** Operations done by each vCPU: up to a batch too few while they run. */
  public long[] opsDone() {
    return IntStream.range(0, opsDone.length()).mapToLong(opsDone::get).toArray();
  }

  /** Whether registers and memory, all of which is read through the pager, equal a run's. */
  public boolean isEqualTo(ReferenceRun reference) {
    if (!reference.vcpus().equals(VcpuDigest.of(registers))) {
      return false;
    }
    try (PagedAccess access = ram.access()) {
      return reference
          .memory()
          .equals(
              MemoryDigest.of(
                  config.ramBytes(), (offset, to) -> access.read(offset, to, 0, to.byteSize())));
    }
  }

  /** Guest memory through a pager. */
  private record PagedWords(PagedAccess access) implements GuestWords {
    @Override
    public long load(long offsetBytes) {
      return access.getLong(offsetBytes);
    }

    @Override
    public void store(long offsetBytes, long value) {
      access.putLong(offsetBytes, value);
    }
  }
}
