/**
 * Contract suites that every map passes, whatever it keeps its data in.
 *
 * <p>One abstract class {@code *Contract} stands for one concern. An implementation names the maps that it wants tested
 * ({@link io.sherd.testkit.MapFixtures}) and has one nested class for each contract; the suites then run over each of
 * these maps.
 */
@NullMarked
package io.sherd.testkit;

import org.jspecify.annotations.NullMarked;
