package io.faultline.cli.mixin;

import io.faultline.cli.compression.CompressedMemory;
import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.GivenOptions;
import io.faultline.cli.options.UsageException;
import io.faultline.demo.simulated.PagedRam;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Backing;
import io.faultline.paging.store.CompressedMemoryStore;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A VM with more memory than it gets of RAM. */
@InGroup(OptionGroup.MEMORY)
public final class PagingOptions {
  private static final long USUAL_PART = 8;
  private static final long LEAST_BYTES = 1 << 20;
  private static final double MIB = 1 << 20;
  private static final String FILE = "file";
  private static final String MEMORY = "memory";

  private static final Set<String> WITHOUT_MIGRATION =
      Set.of(
          "--paging",
          "--buffer",
          "--store",
          "--ram",
          "--vcpus",
          "--workload",
          "--working-set",
          "--zero-fraction",
          "--common-fraction",
          "--ops",
          "--write-fraction",
          "--seed",
          "--engine",
          "--json",
          "--quiet");

  @Option(
      names = "--paging",
      description =
          "Keep the memory of a simulated VM in a store, of which --buffer is in RAM. demo migrates"
              + " such a VM only with --mode.")
  private boolean chosen;

  @Option(
      names = "--buffer",
      paramLabel = "SIZE",
      description = "Memory that --paging uses for guest memory (default: an eighth of --ram).")
  private @Nullable ByteSize buffer;

  @Option(
      names = "--store",
      paramLabel = "KIND",
      description =
          "Where --paging keeps the memory that is not in the buffer: file, a temporary one;"
              + " memory, memory:lz4 or memory:zstd, compressed (default: file).")
  private String store = FILE;

  public boolean isChosen() {
    return chosen;
  }

  /**
   * The size of the buffer.
   *
   * @throws UsageException if it is too small, or larger than the memory
   */
  public long bufferBytes(long ramBytes) {
    long bytes = buffer == null ? Math.max(LEAST_BYTES, ramBytes / USUAL_PART) : buffer.bytes();
    if (bytes < LEAST_BYTES) {
      throw new UsageException("--buffer " + buffer + ": too small; use at least 1m");
    }
    if (bytes > ramBytes) {
      throw new UsageException(
          "--buffer " + bytes + ": larger than --ram, so leave out --paging and --buffer");
    }
    return bytes;
  }

  /**
   * Checks the options of a VM that does not migrate.
   *
   * @throws UsageException if they do not combine
   */
  public static void checkWithoutMigration(GivenOptions given) {
    given.refuseAllBut(
        WITHOUT_MIGRATION, "--paging runs one simulated VM, which migrates only with --mode");
  }

  /**
   * Checks the options of a VM that migrates, paged or not.
   *
   * @throws UsageException if they do not combine
   */
  public void checkMigration(GivenOptions given, VmOptions vm) {
    if (!chosen) {
      given.refuse(List.of("--buffer"), "only --paging has a buffer");
      given.refuse(List.of("--store"), "only --paging has a store");
      return;
    }
    if (vm.kind() != VmKind.SIMULATED) {
      throw new UsageException(
          "--paging is for the memory of a simulated VM, not of " + vm.kind() + ": leave out --vm");
    }
    if (!vm.backing().equals(Backing.ANONYMOUS)) {
      throw new UsageException(
          "--paging backs memory with its own store, not with "
              + vm.backing()
              + ": leave out --backing");
    }
    given.refuse(List.of("--dirty-log"), "with --paging the pager logs what the VM writes");
    given.refuse(
        List.of("--journal"),
        "with --paging a part of the VM's memory ends with the source, so nothing can resume it");
    bufferBytes(vm.ramBytes());
    requireStore();
  }

  /**
   * Where the memory that is not in the buffer is, as the user named it.
   *
   * @throws UsageException if there is no such kind
   */
  public String requireStore() {
    if (!store.equals(FILE)) {
      compressed(LEAST_BYTES);
    }
    return store;
  }

  private CompressedMemory compressed(long bytes) {
    if (!store.equals(MEMORY) && !store.startsWith(MEMORY + ":")) {
      throw new UsageException(
          "--store " + store + ": use file, memory, memory:lz4 or memory:zstd");
    }
    try {
      return CompressedMemory.of(
          bytes, store.substring(Math.min(store.length(), MEMORY.length() + 1)));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--store " + store + ": " + e.getMessage());
    }
  }

  /**
   * Rehearses a switchover, then builds a VM whose memory is paged, ready to start.
   *
   * @param errors receives what fails in the threads of the pager
   * @throws UsageException if the temporary directory has no room for its memory
   */
  public HostedVm createVm(Kernel kernel, SimulatedVmConfig config, Consumer<String> errors)
      throws IOException {
    return VmFactory.createPaged(kernel, config, createRam(kernel, config, errors));
  }

  /**
   * Creates the memory of a VM, in a file or memory that is gone with this process.
   *
   * @param errors receives what fails in the threads of the pager
   * @throws UsageException if the temporary directory has no room for it
   */
  public PagedRam createRam(Kernel kernel, SimulatedVmConfig config, Consumer<String> errors)
      throws IOException {
    long bufferBytes = bufferBytes(config.ramBytes());
    if (!store.equals(FILE)) {
      return inMemory(kernel, config.ramBytes(), bufferBytes, errors);
    }
    Path directory = Path.of(System.getProperty("java.io.tmpdir"));
    long usable = Files.getFileStore(directory).getUsableSpace();
    if (usable < config.ramBytes()) {
      throw new UsageException(
          String.format(
              Locale.ROOT,
              "--ram: %s has %.0f MiB left for a file of %.0f MiB; choose less memory",
              directory,
              usable / MIB,
              config.ramBytes() / MIB));
    }
    return PagedRam.create(kernel, directory, config.ramBytes(), bufferBytes, errors);
  }

  private PagedRam inMemory(
      Kernel kernel, long ramBytes, long bufferBytes, Consumer<String> errors) {
    CompressedMemoryStore memory = compressed(ramBytes).open();
    try {
      return PagedRam.over(kernel, memory, ramBytes, bufferBytes, errors, memory::close);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /** The same options as arguments for another process. */
  public List<String> toArguments(long ramBytes) {
    return chosen
        ? List.of("--paging", "--buffer=" + bufferBytes(ramBytes), "--store=" + store)
        : List.of();
  }
}
