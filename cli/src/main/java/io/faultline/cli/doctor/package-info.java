/**
 * {@code faultline doctor}: what this machine permits, and the command for each missing part.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.doctor.DoctorCommand}: the command.
 *   <li>{@code Diagnosis}: runs all checks; its result is {@code Section}s of {@code Finding}s,
 *       each with a {@code Severity}, and a verdict.
 *   <li>The checks: {@code SystemCheck}, {@code UserfaultfdCheck} with {@code OpenPathCheck},
 *       {@code FeatureCheck}, {@code MemoryLimitCheck}, {@code HugePageCheck}, {@code KvmCheck};
 *       {@code QemuSection}: a running QEMU.
 *   <li>{@code TextReport}, {@code JsonReport}: print the diagnosis.
 * </ul>
 *
 * <p>The checks try instead of reading permissions, which do not reflect seccomp filters and
 * security modules: a userfaultfd is opened in each way, and a KVM VM is created.
 */
@NullMarked
package io.faultline.cli.doctor;

import org.jspecify.annotations.NullMarked;
