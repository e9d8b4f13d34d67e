package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.incoming.DemoDestination;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.PageSize;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A KVM VM as an incoming migration sees it. */
public final class KvmDestination extends DemoDestination<KvmVm> {
  private final KvmHost host;
  private final Consumer<String> consoleLines;

  /**
   * @param backing of RAM here; null for the source's, a named file becoming nameless
   * @param consoleLines gets each line that the guest writes to its console here
   */
  public KvmDestination(KvmHost host, @Nullable Backing backing, Consumer<String> consoleLines) {
    super(host.kernel(), KvmSource.TYPE, backing);
    this.host = host;
    this.consoleLines = consoleLines;
  }

  /** The backing of a VM's RAM at the source. */
  public static Backing sourceBacking(ByteString configuration)
      throws InvalidProtocolBufferException {
    return KvmConfigMessage.decode(configuration).config().programs().backing();
  }

  @Override
  protected KvmVm build(ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException, InvalidProtocolBufferException {
    requireKernelFaults();
    KvmConfigMessage source = KvmConfigMessage.decode(configuration);
    requireHost(source.profile());
    Backing backing = backingFor(source.config().programs().backing());
    requireRegions(announced, source.config(), backing);
    return host.prepare(source.config(), source.profile(), backing, consoleLines);
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
          "this host lacks features that the VM uses: " + String.join(", ", missing));
    }
  }

  private void requireRegions(List<AnnouncedRegion> announced, KvmVmConfig config, Backing backing)
      throws IncomingVmException {
    GuestLayout there = host.layout(config);
    GuestLayout here =
        host.layout(new KvmVmConfig(config.programs().withBacking(backing), config.tickShift()));
    if (!there.equals(here) || !announced.equals(expectedRegions(config, there))) {
      throw new IncomingVmException(
          String.format(
              "the source announced %s; a KVM VM of this configuration has %s at the source and"
                  + " with %s here %s; choose the same backing on both sides",
              announced,
              expectedRegions(config, there),
              backing,
              expectedRegions(config.withTickShift(0), here)));
    }
    PageSize configured = config.programs().backing().pageSize();
    if (configured != backing.pageSize()) {
      throw new IncomingVmException(
          "the source's RAM has pages of another size ("
              + config.programs().backing()
              + ") than RAM here ("
              + backing
              + "); choose the same backing on both sides");
    }
  }

  private List<AnnouncedRegion> expectedRegions(KvmVmConfig config, GuestLayout layout) {
    Backing backing = config.programs().backing();
    long side = host.kernel().pageSizeBytes(GuestLayout.smallRegionBacking(backing, "").pageSize());
    long ram = host.kernel().pageSizeBytes(backing.pageSize());
    return List.of(
        new AnnouncedRegion(GuestLayout.LOW_ID, "low", layout.lowBytes(), side),
        new AnnouncedRegion(GuestLayout.ROM_ID, "rom", layout.romBytes(), side),
        new AnnouncedRegion(GuestLayout.RAM_ID, "ram", layout.ramBytes(), ram));
  }

  /**
   * Lost pages are poisoned: if a vCPU accesses one, KVM sends a SIGBUS, which the vCPU's thread
   * receives without a handler. The threads that touch the page tables before the VM starts cannot
   * do that, so all page tables must be present.
   */
  @Override
  public boolean lose(List<PageBitmap> lost) {
    if (!prepared().lose(lost)) {
      throw new IllegalStateException("the VM's page tables are missing");
    }
    return false;
  }
}
