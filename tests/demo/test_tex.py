import pytest

from agent.demo.tex import readable

CASES = [
    (r"Fr\'echet, H\"older, n\~ao, Pad\'eNets, d\'ej\`a vu", "Fréchet, Hölder, não, PadéNets, déjà vu"),
    (r"Fran\c{c}ois, \v{S}koda, na\"{\i}ve \ss\o{}re", "François, Škoda, naïve ßøre"),
    (r"an \emph{emphasised} and \textbf{bold \textit{nested}} word", "an emphasised and bold nested word"),
    (r"we propose {\it LagKV}, a {\sc Turbo} method", "we propose LagKV, a Turbo method"),
    ("a ``quoted'' and a `single' word", "a “quoted” and a ‘single’ word"),
    ("''closed twice'' and ``half-closed\"", "“closed twice” and “half-closed”"),
    ("the code `x = 1` stays", "the code `x = 1` stays"),
    ("a -- b, 9--10, Human--LLM, and --flag", "a – b, 9–10, Human–LLM, and --flag"),
    ("Model --- Data", "Model — Data"),
    (r"$\text{R}^2\text{ec}$: Towards", "R²ec: Towards"),
    (r"FA^{3}-CLIP and R^2MoE", "FA³-CLIP and R²MoE"),
    (r"$τ$-Knowledge, $\alpha$, $\Omega(n^2 d)$", "τ-Knowledge, α, Ω(n² d)"),
    (r"$6.3\times$ faster by $\sim$50\% at $\geq 92\%$", "6.3× faster by ~50% at ≥ 92%"),
    (r"$6.4\times10^{-3}$ and $\log_{10} x_i$", "6.4×10⁻³ and log₁₀ x_i"),
    (r"$\frac{a}{b+c}$ and $\sqrt{T}$", "a/(b+c) and √T"),
    (r"a gain of $-$0.019 with $p<0.05$", "a gain of -0.019 with p<0.05"),
    (r"\textbf{A sum of $O(n)$} \(7\times\)", "A sum of O(n) 7×"),
    ("it costs $0.398 to $0.228, or $5", "it costs $0.398 to $0.228, or $5"),
    (r"\$0.70 per million", "$0.70 per million"),
    (r"code at \href{https://a.b/c_d}{our page}.", "code at our page."),
    (r"code at \url{https://a.b/~c_d}.", "code at https://a.b/~c_d."),
    ("see https://a.b/~c_d for it", "see https://a.b/~c_d for it"),
    (r"on GitHub\footnote{https://x.y}, as in \cite{majaj2015}.", "on GitHub, as in."),
    (r"25{,}605 records, k in {2, 4, 6}", "25,605 records, k in {2, 4, 6}"),
    ("Section~5 and 13~mm, but ~50% and (~10k)", "Section 5 and 13 mm, but ~50% and (~10k)"),
    (r"our \method{} beats \DeAR by far", "our method beats DeAR by far"),
    (r"we \replaced{add }{remove }it\deleted{ all}", "we add it"),
    (r"snake\_case \& 10{\deg}", "snake_case & 10°"),
    (r"code_transformed and optimize_anything", "code_transformed and optimize_anything"),
    ("lines\n and   spaces", "lines and spaces"),
    ("never {closed", "never closed"),
    ("a lone \\", "a lone"),
    ("", ""),
]


@pytest.mark.parametrize(("tex", "plain"), CASES)
def test_readable(tex, plain):
    assert readable(tex) == plain


@pytest.mark.parametrize(("tex", "plain"), CASES)
def test_what_is_readable_stays(tex, plain):
    if "\\" not in plain:
        assert readable(plain) == plain
