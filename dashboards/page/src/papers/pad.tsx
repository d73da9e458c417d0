// A sheet of glass to sign on.

import { useEffect, useRef } from "preact/hooks";
import { usePrefs } from "../prefs";
import { type Dot, onSheet, pathOf, SHEET } from "./stroke";

interface Props {
  /** Called with the path so far; empty: nothing is drawn. */
  onDraw: (path: string) => void;
}

export function Pad({ onDraw }: Props) {
  const { t } = usePrefs();
  const glass = useRef<SVGSVGElement>(null);
  const line = useRef<SVGPathElement>(null);
  const lines = useRef<Dot[][]>([]);
  const pen = useRef<number | null>(null);

  const draw = () => line.current?.setAttribute("d", pathOf(lines.current));
  const at = (event: PointerEvent): Dot => {
    const box = (glass.current as SVGSVGElement).getBoundingClientRect();
    return onSheet(event.clientX - box.left, event.clientY - box.top, box.width, box.height);
  };
  const down = (event: PointerEvent) => {
    if (pen.current !== null) return;
    pen.current = event.pointerId;
    glass.current?.setPointerCapture(event.pointerId);
    lines.current.push([at(event)]);
  };
  const move = (event: PointerEvent) => {
    if (event.pointerId !== pen.current) return;
    lines.current[lines.current.length - 1]?.push(at(event));
    draw();
  };
  const up = (event: PointerEvent) => {
    if (event.pointerId !== pen.current) return;
    pen.current = null;
    onDraw(pathOf(lines.current));
  };
  const clear = () => {
    lines.current = [];
    draw();
    onDraw("");
  };
  useEffect(() => onDraw(""), []);

  return (
    <div class="pad">
      <svg
        ref={glass}
        class="pad-glass"
        viewBox={`0 0 ${SHEET.width} ${SHEET.height}`}
        role="img"
        aria-label={t("papers.pad")}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
      >
        <path ref={line} class="pad-line" />
      </svg>
      <button type="button" class="plain" onClick={clear}>
        {t("papers.pad.clear")}
      </button>
    </div>
  );
}

/** A name that was drawn. */
export function Drawn({ stroke }: { stroke: string }) {
  return (
    <svg class="drawn" viewBox={`0 0 ${SHEET.width} ${SHEET.height}`} aria-hidden="true">
      <path class="pad-line" d={stroke} />
    </svg>
  );
}
