import { createRequire } from 'node:module';
import path from 'node:path';
import { rspack, type Compiler, type Configuration, type RuleSetRule } from '@rspack/core';
import svgToDataUri from 'mini-svg-data-uri';
import { mendRules } from './tools/mends';
import type { ModuleList } from './tools/notices';
import { installed } from './tools/packages';

const require = createRequire(import.meta.url);

const pictures: RuleSetRule = { test: /\.(cur|png|jpg|gif|woff2?|ttf|eot)(\?.*)?$/, type: 'asset/resource' };

/** Small pictures of style sheets become part of the sheet. */
const svgInStyles: RuleSetRule = {
  test: /\.svg(\?.*)?$/,
  type: 'asset',
  parser: { dataUrlCondition: { maxSize: 16384 } },
  generator: { dataUrl: (content: Buffer) => svgToDataUri(content.toString()) }
};

// Font Awesome names five formats of each font; every browser that runs JupyterLab takes woff2.
const onlyWoff2 = (url: string, file: string): boolean =>
  !(file.includes('fontawesome') && /\.(eot|svg|ttf|woff)([?#]|$)/.test(url));

/** Lab and Notebook: two entries that share every chunk. */
export function application(root: string, out: string, bundled: Record<string, string>, modules: ModuleList): Configuration {
  return {
    name: 'lab',
    mode: 'production',
    context: root,
    target: ['web', 'es2022'],
    devtool: false,
    entry: { lab: './src/lab.ts', notebook: './src/notebook.ts' },
    output: {
      path: path.join(out, 'static'),
      publicPath: 'auto',
      filename: '[name].[contenthash:16].js',
      // By number: some packages name their chunks after themselves, slash and all, and the hub serves one flat folder.
      chunkFilename: '[id].[contenthash:16].js',
      assetModuleFilename: '[hash:16][ext]',
      uniqueName: 'notebook_hub'
    },
    resolve: {
      extensions: ['.ts', '.js', '.json'],
      alias: { ...bundled, '@mermaid-js/layout-elk': path.join(root, 'src/noElk.ts') },
      fallback: {
        path: require.resolve('path-browserify'),
        process: require.resolve('process/browser'),
        url: false, buffer: false, crypto: false, util: false, fs: false, ws: false
      }
    },
    module: {
      rules: [
        ...mendRules,
        {
          test: /(?<!\.raw)\.css$/,
          use: [rspack.CssExtractRspackPlugin.loader, { loader: 'css-loader', options: { url: { filter: onlyWoff2 } } }],
          type: 'javascript/auto',
          sideEffects: true
        },
        { test: /\.raw\.css$/, type: 'asset/source' },
        { test: /\.(txt|md)$/, type: 'asset/source' },
        pictures,
        { ...svgInStyles, issuer: /\.css$/ },
        { test: /\.svg(\?.*)?$/, issuer: /\.[jt]sx?$/, type: 'asset/source' },
        {
          test: /\.ts$/,
          exclude: /node_modules/,
          loader: 'builtin:swc-loader',
          options: { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } },
          type: 'javascript/auto'
        },
        { test: /\.m?js$/, type: 'javascript/auto', resolve: { fullySpecified: false } }
      ]
    },
    optimization: {
      minimizer: [new rspack.SwcJsMinimizerRspackPlugin({ extractComments: false }), new rspack.LightningCssMinimizerRspackPlugin()],
      splitChunks: {
        chunks: 'all',
        cacheGroups: { core: { test: /[\\/]node_modules[\\/]@(jupyterlab|lumino(?!\/datagrid))[\\/]/, name: 'core' } }
      }
    },
    plugins: [
      new rspack.ProvidePlugin({ process: 'process/browser' }),
      new rspack.CssExtractRspackPlugin({
        filename: '[name].[contenthash:16].css',
        chunkFilename: '[id].[contenthash:16].css',
        ignoreOrder: true
      }),
      { apply: (compiler: Compiler) => modules.watch(compiler) }
    ],
    performance: { hints: false }
  };
}

/** A theme is a style sheet of its own, fetched when it is chosen. */
export function theme(root: string, out: string, name: string): Configuration | null {
  const { directory, data } = installed(name);
  const entry = data.jupyterlab?.themePath;
  return entry === undefined ? null : {
    name,
    mode: 'production',
    context: root,
    entry: { index: path.join(directory, entry) },
    output: { path: path.join(out, 'themes', name), filename: '[name].js', publicPath: 'auto' },
    module: {
      rules: [
        { test: /\.css$/, use: [rspack.CssExtractRspackPlugin.loader, 'css-loader'], type: 'javascript/auto' },
        svgInStyles,
        pictures
      ]
    },
    optimization: { minimizer: [new rspack.LightningCssMinimizerRspackPlugin()] },
    plugins: [new rspack.CssExtractRspackPlugin({ filename: '[name].css' })]
  };
}
