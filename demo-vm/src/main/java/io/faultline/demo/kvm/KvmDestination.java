package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Advice;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A KVM VM as an incoming migration sees it. Owns the VM that it builds: close it when the VM is
 * done with.
 */
public final class KvmDestination implements IncomingVm, AutoCloseable {
  private final KvmHost host;
  private final @Nullable Backing wantedBacking;
  private final Consumer<String> consoleLines;
  private volatile @Nullable KvmVm vm;

  /**
   * @param backing what to make memory of; null for what the source has (a named file becomes
   *     nameless)
   * @param consoleLines gets each line that the guest writes to its console here
   */
  public KvmDestination(KvmHost host, @Nullable Backing backing, Consumer<String> consoleLines) {
    this.host = host;
    this.wantedBacking = backing;
    this.consoleLines = consoleLines;
  }

  /** The VM, once it is prepared. Any thread. */
  public Optional<KvmVm> vm() {
    return Optional.ofNullable(vm);
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    if (vm != null) {
      throw new IllegalStateException("a VM was prepared before");
    }
    if (!type.equals(KvmSource.TYPE)) {
      throw new IncomingVmException(
          "a VM of type '" + type + "' cannot run here, only '" + KvmSource.TYPE + "'");
    }
    requireKernelFaults();
    try {
      ConfigCodec source = ConfigCodec.decode(configuration);
      requireHost(source.profile());
      Backing backing =
          wantedBacking == null ? source.config().programs().backing().unnamed() : wantedBacking;
      requireRegions(announced, source.config(), backing);
      KvmRehearsal.run(host);
      KvmVm prepared = host.prepare(source.config(), source.profile(), backing, consoleLines);
      vm = prepared;
      prepared.makeReady();
      if (backing.kind() == Backing.Kind.FILE) { // what it holds would be taken for the guest's
        for (MemoryRegion region : prepared.regions()) {
          host.kernel().advise(region.guest().address(), region.sizeBytes(), Advice.REMOVE);
        }
      }
      return prepared.regions();
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new IncomingVmException("the VM's configuration: " + e.getMessage(), e);
    } catch (SystemCallException e) {
      throw new IncomingVmException("the VM cannot be built here: " + e.getMessage(), e);
    } catch (IllegalStateException e) {
      throw new IncomingVmException("the VM cannot be made ready: " + e.getMessage(), e);
    }
  }

  private void requireKernelFaults() throws IncomingVmException {
    Optional<String> problem = KernelFaults.problem(host.kernel());
    if (problem.isPresent()) {
      throw new IncomingVmException(problem.get());
    }
  }

  private void requireHost(HostProfile wanted) throws IncomingVmException {
    List<String> missing = HostCheck.missing(wanted, host.profile());
    if (!missing.isEmpty()) {
      throw new IncomingVmException(
          "the VM uses what this host lacks: " + String.join(", ", missing));
    }
  }

  private void requireRegions(List<AnnouncedRegion> announced, KvmVmConfig config, Backing backing)
      throws IncomingVmException {
    GuestLayout there = host.layout(config);
    GuestLayout here =
        host.layout(new KvmVmConfig(config.programs().withBacking(backing), config.tickShift()));
    if (!there.equals(here) || !announced.equals(expected(config, there))) {
      throw new IncomingVmException(
          String.format(
              "the source announced %s; a KVM VM of this configuration has %s there and, with %s"
                  + " here, %s; choose the same backing at both ends",
              announced,
              expected(config, there),
              backing,
              expected(config.withTickShift(0), here)));
    }
    PageSize configured = config.programs().backing().pageSize();
    if (configured != backing.pageSize()) {
      throw new IncomingVmException(
          "the source's RAM has pages of another size ("
              + config.programs().backing()
              + ") than RAM here ("
              + backing
              + "); choose the same backing at both ends");
    }
  }

  private List<AnnouncedRegion> expected(KvmVmConfig config, GuestLayout layout) {
    Backing backing = config.programs().backing();
    long side = host.kernel().pageSizeBytes(GuestLayout.side(backing, "").pageSize());
    long ram = host.kernel().pageSizeBytes(backing.pageSize());
    return List.of(
        new AnnouncedRegion(GuestLayout.LOW_ID, "low", layout.lowBytes(), side),
        new AnnouncedRegion(GuestLayout.ROM_ID, "rom", layout.romBytes(), side),
        new AnnouncedRegion(GuestLayout.RAM_ID, "ram", layout.ramBytes(), ram));
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    try {
      prepared().loadState(state, clockOffsetNanos);
    } catch (IllegalArgumentException | SystemCallException e) {
      throw new IncomingVmException("the VM's device state: " + e.getMessage(), e);
    }
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    prepared().start(onFirstInstruction::ran);
  }

  @Override
  public void abandon() {
    KvmVm current = vm;
    if (current != null) {
      current.abandon();
    }
  }

  /**
   * Its lost pages are poisoned: KVM tells a vCPU that needs one by a SIGBUS that its thread takes
   * without a handler. Before its page tables have come threads touch them that cannot do that.
   */
  @Override
  public boolean lose(List<PageBitmap> lost) {
    if (!prepared().lose(lost)) {
      throw new IllegalStateException("the VM's page tables have not come");
    }
    return false;
  }

  /** See {@link KvmVm#close}. */
  @Override
  public void close() {
    KvmVm current = vm;
    if (current != null) {
      current.close();
    }
  }

  private KvmVm prepared() {
    KvmVm current = vm;
    if (current == null) {
      throw new IllegalStateException("no VM was prepared");
    }
    return current;
  }
}
