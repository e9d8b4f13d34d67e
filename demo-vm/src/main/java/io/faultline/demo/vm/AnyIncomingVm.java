package io.faultline.demo.vm;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.kvm.KvmDestination;
import io.faultline.demo.kvm.KvmHost;
import io.faultline.demo.kvm.KvmRehearsal;
import io.faultline.demo.simulated.SimulatedDestination;
import io.faultline.demo.simulated.SimulatedRehearsal;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A VM of the source's kind, as an incoming migration sees it. Owns the VM that it builds: close it
 * when the VM is no longer needed.
 */
public final class AnyIncomingVm implements IncomingVm, AutoCloseable {
  /** An incoming VM of one kind. */
  private interface Arrival extends AutoCloseable {
    IncomingVm incoming();

    /** See {@link #withoutRehearsal}. */
    void rehearse();

    Optional<HostedVm> vm();

    @Override
    void close();
  }

  private record SimulatedArrival(Kernel kernel, SimulatedDestination incoming) implements Arrival {
    @Override
    public void rehearse() {
      SimulatedRehearsal.run(kernel);
    }

    @Override
    public Optional<HostedVm> vm() {
      return incoming.vm().map(SimulatedHostedVm::new);
    }

    @Override
    public void close() {
      incoming.close();
    }
  }

  private record KvmArrival(KvmHost host, KvmDestination incoming, ConsoleTicks ticks)
      implements Arrival {
    @Override
    public void rehearse() {
      KvmRehearsal.run(host);
    }

    @Override
    public Optional<HostedVm> vm() {
      return incoming.vm().map(vm -> new KvmHostedVm(host, vm, ticks));
    }

    @Override
    public void close() {
      incoming.close();
      host.close();
    }
  }

  private final Kernel kernel;
  private final @Nullable VmKind wantedKind;
  private final @Nullable Backing wantedBacking;
  private final Consumer<String> consoleLines;
  private final boolean rehearses;
  private volatile @Nullable Arrival arrival;
  private volatile @Nullable List<PageBitmap> lost;

  /**
   * A VM that rehearses its own part of a switchover while it is prepared.
   *
   * @param kind the only kind to accept; null for any
   * @param backing of the memory here; null for the source's
   * @param consoleLines gets each line that the guest writes to its console here
   */
  public AnyIncomingVm(
      Kernel kernel,
      @Nullable VmKind kind,
      @Nullable Backing backing,
      Consumer<String> consoleLines) {
    this(kernel, kind, backing, consoleLines, true);
  }

  /**
   * A VM without a rehearsal, for which no VM is paused later: it would only start later.
   *
   * @param backing of the memory here; null for the source's
   * @param consoleLines gets each line that the guest writes to its console here
   */
  public static AnyIncomingVm withoutRehearsal(
      Kernel kernel, @Nullable Backing backing, Consumer<String> consoleLines) {
    return new AnyIncomingVm(kernel, null, backing, consoleLines, false);
  }

  private AnyIncomingVm(
      Kernel kernel,
      @Nullable VmKind kind,
      @Nullable Backing backing,
      Consumer<String> consoleLines,
      boolean rehearses) {
    this.kernel = kernel;
    this.wantedKind = kind;
    this.wantedBacking = backing;
    this.consoleLines = consoleLines;
    this.rehearses = rehearses;
  }

  /** The VM, once it is prepared. Any thread. */
  public Optional<HostedVm> vm() {
    Arrival current = arrival;
    return current == null ? Optional.empty() : current.vm();
  }

  @Override
  public Backing backing(String type, ByteString configuration, AnnouncedRegion region) {
    return builtHere(type, configuration, region).onMachine(kernel);
  }

  private Backing builtHere(String type, ByteString configuration, AnnouncedRegion region) {
    Backing usual = IncomingVm.super.backing(type, configuration, region);
    try {
      Backing here =
          wantedBacking == null ? sourceBacking(type, configuration).unnamed() : wantedBacking;
      return here.pageSize() == usual.pageSize() ? here : usual; // a KVM VM has small regions, too
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return usual; // prepare refuses it
    }
  }

  private static Backing sourceBacking(String type, ByteString configuration)
      throws InvalidProtocolBufferException {
    return type.equals(VmKind.KVM.toString())
        ? KvmDestination.sourceBacking(configuration)
        : SimulatedDestination.sourceBacking(configuration);
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    if (arrival != null) {
      throw new IllegalStateException("a VM was already prepared");
    }
    Arrival current = open(type);
    arrival = current;
    if (rehearses) {
      current.rehearse();
    }
    return current.incoming().prepare(type, configuration, announced);
  }

  private Arrival open(String type) throws IncomingVmException {
    if (wantedKind != null && !type.equals(wantedKind.toString())) {
      throw new IncomingVmException(
          "the source has a VM of type '"
              + type
              + "'; this node was started with --vm "
              + wantedKind);
    }
    if (type.equals(VmKind.SIMULATED.toString())) {
      return new SimulatedArrival(kernel, new SimulatedDestination(kernel, wantedBacking));
    }
    if (!type.equals(VmKind.KVM.toString())) {
      throw new IncomingVmException(
          "a VM of type '" + type + "' cannot run here, only simulated and kvm");
    }
    try {
      KvmHost host = KvmHost.open(kernel);
      ConsoleTicks ticks = new ConsoleTicks(consoleLines);
      return new KvmArrival(host, new KvmDestination(host, wantedBacking, ticks), ticks);
    } catch (UnsupportedOperationException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    prepared().incoming().loadDeviceState(state, clockOffsetNanos);
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    prepared().incoming().start(onFirstInstruction);
  }

  @Override
  public void abandon() {
    Arrival current = arrival;
    if (current != null) {
      current.incoming().abandon();
    }
  }

  @Override
  public boolean lose(List<PageBitmap> lost) {
    boolean handledByVm = prepared().incoming().lose(lost);
    this.lost = lost;
    return handledByVm;
  }

  @Override
  public boolean isClearOfLost() {
    return prepared().incoming().isClearOfLost();
  }

  /** The lost pages, by region id; empty if there are none. Any thread. */
  public Optional<List<PageBitmap>> lost() {
    return Optional.ofNullable(lost);
  }

  @Override
  public void close() {
    Arrival current = arrival;
    if (current != null) {
      current.close();
    }
  }

  private Arrival prepared() {
    Arrival current = arrival;
    if (current == null) {
      throw new IllegalStateException("no VM was prepared");
    }
    return current;
  }
}
