package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** A wrong option or argument is reported in one line that names it, before anything starts. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WrongOptionsTest {
  private static final int WRONG_USE = 2;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource({
    "demo --rum 64m, --rum",
    "bench --quick --only blk, no case or table 'blk'",
    "bench --quick --only paging-evict --svg /tmp/bench.svg, needs --only paging_buffers",
    "demo --ram 12x, 12x",
    "demo --workload foo, foo",
    "demo --backing foo, foo",
    "demo --vcpus 0, 0 vCPUs",
    "demo --zero-fraction 2, zero fraction of 2",
    "demo --ram 900g, does not fit",
    "demo --place continue, mapped twice",
    "demo --place continue --backing anonymous --mode hybrid, anonymous",
    "demo --mode quickly, hybrid",
    "demo --place there, continue",
    "demo --populate all, --place continue",
    "dest --populate some, huge",
    "demo --switch-after 2, --mode hybrid",
    "demo --mode precopy --switch-after 2, --mode hybrid",
    "demo --mode hybrid --switch-after soon, converged",
    "demo --mode hybrid --switch-after 0, --mode postcopy",
    "demo --mode hybrid --downtime-limit 1s, --mode precopy",
    "demo --mode hybrid --no-postcopy, --mode precopy",
    "demo --mode precopy --downtime-limit 0ms, 100ms",
    "demo --dirty-log vm, --mode hybrid",
    "demo --mode hybrid --dirty-log kvm, write-protect",
    "demo --bandwidth 0, 0",
    "demo --channels 0, --channels 0: choose 1 to 16",
    "demo --channels 17, --channels 17: choose 1 to 16",
    "source --to 127.0.0.1:1 --channels=-1, --channels -1: choose 1 to 16",
    "demo --channels many, --channels",
    "demo --channels 2 --backing hugetlb-1g, --place continue",
    "source --resume abcd --channels 2, --channels",
    "demo --vm xen, kvm",
    "dest --vm xen, simulated",
    "dest --vm qemu, --qmp SOCKET",
    "dest --qmp /nope, --qmp is for --vm qemu",
    "dest -- /bin/true, a command line is for --vm qemu",
    "dest --vm qemu /bin/true, unexpected argument /bin/true",
    "dest --vm qemu --, needs a QEMU",
    "dest --vm qemu --qmp /nope -- /bin/true, leave out one of them",
    "dest --vm qemu --run-on 1s --backing shmem -- /bin/true, 'leave out --backing, --run-on'",
    "dest --vm qemu --listen 127.0.0.1:0 -- /nope, /nope is no program",
    "dest --vm qemu --listen 127.0.0.1:0 -- no-such-qemu -m 1G, no-such-qemu is not in the PATH",
    "dest --vm qemu --listen 127.0.0.1:0 -- /bin/true -S, has -S",
    "dest --vm qemu --listen 127.0.0.1:0 -- /bin/false, QEMU ended at its start: it printed",
    "dest --vm qemu --listen 127.0.0.1:0 -- /bin/ls -incoming defer, has -incoming",
    "dest --vm qemu --listen 127.0.0.1:0 -- /bin/ls --nope, unrecognized option",
    "source --vm qemu --to 127.0.0.1:1, --qmp SOCKET",
    "source --qmp /nope --to 127.0.0.1:1, --vm qemu and --qmp",
    "source --vm qemu --qmp /nope --to 127.0.0.1:1 --ram 64m --warm-up 1s, 'leave out --ram,"
        + " --warm-up'",
    "demo --vm qemu --qemu /nope, --qemu /nope: it is not a program",
    "demo --vm qemu --qemu /bin/true --workload zipf, no room for its tables",
    "demo --vm qemu --qemu /bin/true --vcpus 2, has one vCPU",
    "demo --vm qemu --qemu /bin/true --pace 5, --pace",
    "demo --vm qemu --qemu /bin/true --ram 900g, at most 3 GiB",
    "demo --vm qemu --guest linux --kernel /nope --initrd /nope, --kernel /nope",
    "demo --qemu /bin/true --guest linux, 'leave out --guest, --qemu'",
    "demo --backing hugetlb-2m --ram 3m, whole pages",
    "demo --backing hugetlb-1g --ram 1025m --place continue, whole pages",
    "source --to 127.0.0.1:1 --place continue, mapped twice",
    "dest --listen 127.0.0.1, 127.0.0.1",
    "source --ram 64m, --to",
    "source --resume abcd --ram 64m --mode hybrid, --mode",
    "source --to 127.0.0.1:1 --journal /tmp, --backing file:PATH",
    "source --resume abcd --journal /no/such/directory, /no/such/directory",
    "demo --chaos kill-source=1, --backing file:",
    "demo --chaos kill-dest=1, --vm qemu",
    "demo --chaos kill=1, kill-source",
    "source --to 127.0.0.1:1 --ram 900g, does not fit",
    "dest --listen :0, --insecure",
    "dest --listen 10.1.2.3:0, is not a loopback address",
    "source --ram 64m --to 10.1.2.3:1, --token-file",
    "'source --ram 64m --to 127.0.0.1:1,10.1.2.3:1', 10.1.2.3",
    "dest --tls no-such-directory, ca.pem is missing",
    "demo --tls no-such-directory, ca.pem is missing",
    "dest --token-file no-such-file, cannot be read",
    "dest --tls a --token-file b, leave the token out",
    "source --to 127.0.0.1:1 --insecure --tls a, leave it out",
    "keys, DIR",
    "keys a --days 0, days of 0",
    "migrate, migrate",
  })
  void wrongArgumentIsNamed(String commandLine, String named) {
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    assertThat(line.execute(commandLine.split(" ", -1))).isEqualTo(WRONG_USE);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("faultline: ")
        .contains(named);
  }
}
